"""Comparing the outputs with the tree, and making the tree like them.

Only what differs is written, all of it or nothing. A file that was edited by hand is never replaced
without being told to; a file that the generator did not make is never touched. The report of a run
stands among the generated files, and is passed over.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath
from typing import Final

from nimnet_gen.files.places import is_reported
from nimnet_gen.files.transaction import TEMPORARY, Replacement, replace_all
from nimnet_gen.render.header import is_edited, is_generated
from nimnet_gen.render.output import Output

_SKIPPED_FOLDERS: Final = frozenset({"__pycache__"})


class State(Enum):
    """How a file of the tree stands to the outputs."""

    CURRENT = "current"
    MISSING = "missing"
    STALE = "stale"
    EDITED = "hand-edited"
    EXTRA = "extra"
    FOREIGN = "foreign"


class UnsafePathError(Exception):
    """A path that must not be written through: a symbolic link, or a folder in a file's place."""


@dataclass(frozen=True)
class Difference:
    """One file: what is there and what should be; None where there is, or should be, no file."""

    path: PurePosixPath
    state: State
    found: bytes | None
    wanted: bytes | None

    @property
    def is_edited(self) -> bool:
        """Whether the file that is there carries somebody's changes."""
        return self.state is State.EDITED

    def diff(self) -> str:
        """Return the unified diff from what is there to what should be."""
        return "".join(
            line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
            for line in difflib.unified_diff(
                _lines(self.found),
                _lines(self.wanted),
                f"{self.path} (in the tree)" if self.found is not None else "/dev/null",
                f"{self.path} (generated)" if self.wanted is not None else "/dev/null",
            )
        )


def compare(root: Path, outputs: Iterable[Output], folder: PurePosixPath) -> list[Difference]:
    """Return every file that is not as it must be, and the foreign ones, in order of their paths.

    Raises:
        UnsafePathError: An output would have to go through a symbolic link or over a folder.
        OSError: Something cannot be read.
    """
    wanted = {output.path: output.content for output in outputs}
    differences: list[Difference] = []
    for path, content in wanted.items():
        _check_safe(root, path)
        found = _read(root / path)
        state = _state(found, content)
        if state is not State.CURRENT:
            differences.append(Difference(path, state, found, content))
    for path in _files(root, folder):
        if path in wanted or is_reported(path, folder):
            continue
        found = None if (root / path).is_symlink() else _read(root / path)
        if TEMPORARY in path.name:
            differences.append(Difference(path, State.EXTRA, found, None))
        elif found is None or not is_generated(found):
            differences.append(Difference(path, State.FOREIGN, found, None))
        else:
            state = State.EDITED if is_edited(found) else State.EXTRA
            differences.append(Difference(path, state, found, None))
    return sorted(differences, key=lambda difference: difference.path)


def apply(root: Path, differences: Iterable[Difference], check: Callable[[], None]) -> None:
    """Make the tree like the outputs, as one change.

    Args:
        root: The project's root.
        differences: What `compare` returned; foreign files are passed over.
        check: Called between the steps; may raise to give up.

    Raises:
        OSError: It did not work; the tree is as before.
    """
    replace_all(
        (
            Replacement(root / difference.path, difference.wanted)
            for difference in differences
            if difference.state is not State.FOREIGN
        ),
        check,
    )


def _state(found: bytes | None, wanted: bytes) -> State:
    if found is None:
        return State.MISSING
    if found == wanted:
        return State.CURRENT
    # A file without the header where an output belongs was written by somebody, too.
    return State.EDITED if not is_generated(found) or is_edited(found) else State.STALE


def _check_safe(root: Path, path: PurePosixPath) -> None:
    """Refuse a path that leads through a symbolic link, or whose place is taken by a folder."""
    current = root
    for part in path.parts:
        current /= part
        if current.is_symlink():
            raise UnsafePathError(
                f"{current.relative_to(root)} is a symbolic link to {current.readlink()}; "
                "generated files are not written through links: remove it"
            )
    if current.is_dir():
        raise UnsafePathError(f"{path} is a folder, where a file has to be: remove it")


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _files(root: Path, folder: PurePosixPath) -> Iterator[PurePosixPath]:
    """Yield the files below a folder, without what tools leave there; links are not followed."""
    try:
        entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in entries:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            is_ours = not entry.name.startswith(".") and entry.name not in _SKIPPED_FOLDERS
            if is_ours:
                yield from _files(root, path)
        elif not entry.name.startswith(".") or TEMPORARY in entry.name:
            yield path


def _lines(raw: bytes | None) -> list[str]:
    return (raw or b"").decode("utf-8", "replace").splitlines(keepends=True)
