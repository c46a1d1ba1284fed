"""`init`: what it makes, and what it refuses without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from nimnet_gen.cli import main
from nimnet_gen.files import transaction


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_the_folder_names_the_package(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "new/Egg-Timer 2"]) == 0
    assert capsys.readouterr().out.endswith("egg_timer_2 is ready: README.md has the commands\n")
    root = tmp_path / "new" / "Egg-Timer 2"
    assert (root / "generated" / "egg_timer_2" / "py.typed").exists()
    assert 'name = "egg-timer-2"' in (root / "pyproject.toml").read_text(encoding="utf-8")
    assert not [path for path in left(root) if "{" in path or path.endswith(".jinja")]
    assert main(["--root", str(root), "check"]) == 0


def test_the_working_directory_and_a_name(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert main(["init", "--name", "clock"]) == 0
    assert main(["check"]) == 0
    assert (tmp_path / "runtime" / "clock_runtime" / "parsing.py").exists()


def test_the_package_works(tmp_path: Path) -> None:
    main(["init", "clock"])
    paths = [str(tmp_path / "clock" / folder) for folder in ("generated", "runtime")]
    code = (
        "import clock\n"
        "print(clock.parse_duration('1h30m'), clock.whole_units(5400, clock.Unit.HOURS))\n"
        "try: clock.parse_duration('')\n"
        "except clock.DurationError as error: print(error)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout == "5400 1\n'' is no duration: write it as in 1h30m5s\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("My-Timer", "--name my_timer would be right"),
        ("../timer", "--name timer would be right"),
        ("2nd", "--name nd would be right"),
        ("class", "a word of Python's; --name my_class would be right"),
        ("json", "Python has a module of that name; --name my_json would be right"),
        ("conformance", "a project has something else of that name; --name my_conformance would"),
        ("", "give one with --name"),
        ("\u00e9", "'\u00e9' is no name for a package: it has a-z, 0-9 and _"),
    ],
)
def test_a_name_that_is_none(
    tmp_path: Path, name: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["init", "timer", "--name", name]) == 2
    assert words in capsys.readouterr().err
    assert left(tmp_path) == []


def test_a_folder_that_is_not_empty(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "more").mkdir()
    for folder, words in (
        (".", "is not empty: it has more and 1 more; name an empty or a new folder"),
        ("notes.txt", "notes.txt is no folder"),
    ):
        assert main(["init", folder, "--name", "clock"]) == 2
        assert words in capsys.readouterr().err
    assert left(tmp_path) == ["more", "notes.txt"]


def test_the_root_is_not_for_a_new_project(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", "clock", "init"]) == 2
    assert "name its folder after `init`" in capsys.readouterr().err


def test_a_failure_on_the_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    commit = transaction._Change.commit
    committed: list[object] = []

    def failing(self: transaction._Change, staged: transaction._Staged) -> None:
        commit(self, staged)
        committed.append(staged)
        if len(committed) == 7:
            raise OSError(28, "No space left on device", "clock")

    monkeypatch.setattr(transaction._Change, "commit", failing)
    assert main(["init", "new/clock"]) == 2
    assert "No space left on device; nothing was changed" in capsys.readouterr().err
    assert left(tmp_path) == []
