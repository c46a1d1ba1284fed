"""Making the tree like the outputs: only what differs, all of it or nothing, nobody's work lost."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final

import pytest
from harness import permissions
from nimnet_gen.files.transaction import TEMPORARY, Replacement, replace_all
from nimnet_gen.files.write import State, UnsafePathError, apply, compare
from nimnet_gen.render.header import is_edited, is_generated, stamp
from nimnet_gen.render.output import Output

GENERATED: Final = PurePosixPath("generated")


def output(name: str, text: str) -> Output:
    path = GENERATED / name
    return Output(path, stamp(path, text, "spec/x.yaml"))


def never() -> None:
    """No interruption comes."""


def snapshot(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder with its content and its permissions; folders, too."""
    return {
        str(path.relative_to(root)): (
            path.read_bytes() if path.is_file() else b"",
            path.stat().st_mode,
        )
        for path in sorted(root.rglob("*"))
    }


def states(root: Path, outputs: list[Output]) -> dict[str, State]:
    return {str(found.path): found.state for found in compare(root, outputs, GENERATED)}


@pytest.mark.parametrize("name", ["a.py", "a.md", "a.html", "a.json", "a.jsonl"])
def test_header_tells_a_hand_edit_from_stale_output(name: str) -> None:
    text = '{"one": 1}\n' if name.endswith(("json", "jsonl")) else "text\n"
    raw = stamp(PurePosixPath(name), text, "spec/x.yaml")
    assert is_generated(raw)
    assert not is_edited(raw)
    assert is_edited(raw.replace(b"one", b"two").replace(b"text", b"test"))
    assert is_edited(raw.replace(b"x.yaml", b"y.yaml"))
    assert is_edited(raw + b"\n")


def test_states(tmp_path: Path) -> None:
    old = [output(f"{name}.py", "old\n") for name in ("same", "stale", "edited", "extra", "gone")]
    apply(tmp_path, compare(tmp_path, old, GENERATED), never)
    generated = tmp_path / "generated"
    with (generated / "edited.py").open("a") as file:
        file.write("mine\n")
    with (generated / "gone.py").open("a") as file:
        file.write("mine\n")
    (generated / "taken.py").write_text("somebody's own\n")
    (generated / "notes.txt").write_text("somebody's own\n")
    (generated / ".hidden").write_text("a tool's\n")
    (generated / "__pycache__").mkdir()
    (generated / "__pycache__" / "same.pyc").write_bytes(b"")
    new = [
        output("same.py", "old\n"),
        output("stale.py", "new\n"),
        output("edited.py", "new\n"),
        output("missing.py", "new\n"),
        output("taken.py", "new\n"),
    ]
    assert states(tmp_path, new) == {
        "generated/edited.py": State.EDITED,
        "generated/extra.py": State.EXTRA,
        "generated/gone.py": State.EDITED,
        "generated/missing.py": State.MISSING,
        "generated/notes.txt": State.FOREIGN,
        "generated/stale.py": State.STALE,
        "generated/taken.py": State.EDITED,
    }


def test_apply_touches_only_what_differs(tmp_path: Path) -> None:
    apply(
        tmp_path,
        compare(tmp_path, [output("a.py", "1\n"), output("b/c.py", "1\n")], GENERATED),
        never,
    )
    kept = (tmp_path / "generated" / "a.py").stat()
    (tmp_path / "generated" / "notes.txt").write_text("mine\n")
    new = [output("a.py", "1\n"), output("d/e.py", "2\n")]
    apply(tmp_path, compare(tmp_path, new, GENERATED), never)
    now = (tmp_path / "generated" / "a.py").stat()
    assert (now.st_ino, now.st_mtime_ns) == (kept.st_ino, kept.st_mtime_ns)
    assert sorted(str(p.relative_to(tmp_path / "generated")) for p in tmp_path.rglob("*.*")) == [
        "a.py",
        "d/e.py",
        "notes.txt",
    ]
    assert not (tmp_path / "generated" / "b").exists()
    assert states(tmp_path, new) == {"generated/notes.txt": State.FOREIGN}


def test_permissions_are_kept(tmp_path: Path) -> None:
    apply(tmp_path, compare(tmp_path, [output("a.py", "1\n")], GENERATED), never)
    (tmp_path / "generated" / "a.py").chmod(0o640)
    apply(tmp_path, compare(tmp_path, [output("a.py", "2\n")], GENERATED), never)
    assert (tmp_path / "generated" / "a.py").stat().st_mode & 0o777 == 0o640


def test_leftovers_of_a_killed_run_go(tmp_path: Path) -> None:
    outputs = [output("a.py", "1\n")]
    apply(tmp_path, compare(tmp_path, outputs, GENERATED), never)
    (tmp_path / "generated" / f".a.py{TEMPORARY}123.new").write_text("half of it")
    apply(tmp_path, compare(tmp_path, outputs, GENERATED), never)
    assert [path.name for path in (tmp_path / "generated").iterdir()] == ["a.py"]


@pytest.mark.parametrize("link", ["generated", "generated/sub", "generated/sub/a.py"])
def test_links_are_not_written_through(tmp_path: Path, link: str) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("theirs\n")
    place = root / link
    place.parent.mkdir(parents=True)
    place.symlink_to(outside / "a.py" if link.endswith("py") else outside)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        compare(root, [output("sub/a.py", "1\n")], GENERATED)
    assert (outside / "a.py").read_text() == "theirs\n"


def test_a_folder_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "generated" / "a.py").mkdir(parents=True)
    with pytest.raises(UnsafePathError, match=r"generated/a\.py is a folder"):
        compare(tmp_path, [output("a.py", "1\n")], GENERATED)


class Faults:
    """Counts the calls that can fail, and fails one of them."""

    def __init__(self, fail_at: int) -> None:
        self.calls = 0
        self.fail_at = fail_at

    def wrap(self, function: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*args: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.fail_at:
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(args[0]))
            return function(*args, **named)

        return wrapped


FALLIBLE = ("write_bytes", "replace", "mkdir", "unlink", "hardlink_to")


def a_change(root: Path) -> list[Replacement]:
    """One of each kind: a file replaced, two added (in a new folder), one removed."""
    (root / "kept.txt").write_text("kept\n")
    (root / "old.txt").write_text("old\n")
    (root / "gone.txt").write_text("gone\n")
    return [
        Replacement(root / "old.txt", b"new\n"),
        Replacement(root / "new.txt", b"new\n"),
        Replacement(root / "deep" / "er" / "new.txt", b"new\n"),
        Replacement(root / "gone.txt", None),
    ]


def failure_of(change: list[Replacement]) -> OSError | None:
    try:
        replace_all(change, never)
    except OSError as error:
        return error
    return None


def test_any_failing_step_leaves_the_tree_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = 0
    for fail_at in itertools.count(1):
        root = tmp_path / str(fail_at)
        root.mkdir()
        change = a_change(root)
        before = snapshot(root)
        faults = Faults(fail_at)
        with monkeypatch.context() as patch:
            for name in FALLIBLE:
                patch.setattr(Path, name, faults.wrap(getattr(Path, name)))
            error = failure_of(change)
        if faults.calls < fail_at:
            assert error is None
            break
        if error is None:
            continue  # A link that fails becomes a copy, and a failing clean-up is no failure.
        assert error.errno == errno.ENOSPC
        failed += 1
        assert snapshot(root) == before, f"after a failure of step {fail_at}"
    assert failed > 6


def test_an_interruption_at_any_point_leaves_the_tree_as_it_was(tmp_path: Path) -> None:
    for after in range(10):
        root = tmp_path / str(after)
        root.mkdir()
        change = a_change(root)
        before = snapshot(root)
        asked = 0

        def check(limit: int = after) -> None:
            nonlocal asked
            asked += 1
            if asked > limit:
                raise KeyboardInterrupt

        # Four checks before a file is prepared, four before one is renamed, and a last one.
        if after < 9:
            with pytest.raises(KeyboardInterrupt):
                replace_all(change, check)
            assert snapshot(root) == before
        else:
            replace_all(change, check)
    root = tmp_path / "9"
    assert sorted(str(path.relative_to(root)) for path in root.rglob("*.txt")) == [
        "deep/er/new.txt",
        "kept.txt",
        "new.txt",
        "old.txt",
    ]
    assert not [path for path in root.rglob("*") if TEMPORARY in path.name]


def test_a_read_only_folder_is_left_alone(tmp_path: Path) -> None:
    change = a_change(tmp_path)
    before = snapshot(tmp_path)
    tmp_path.chmod(0o500)
    try:
        with permissions.heeded(), pytest.raises(PermissionError):
            replace_all(change, never)
    finally:
        tmp_path.chmod(0o700)
    assert snapshot(tmp_path) == before
