"""Changing a set of files as one: all of them, or none.

Everything that needs space or permission happens first, beside the targets and without touching
them: new contents are written to temporary files, and originals are kept under a second name. Only
then are files renamed, one system call each. Whatever goes wrong on the way, the renames are undone
from the kept originals (which again only renames) and the temporary files go.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

TEMPORARY: Final = ".nimnet-gen-"
"""Stands in the name of every temporary file, so that a killed run's leftovers can be told."""


@dataclass(frozen=True)
class Replacement:
    """What one file shall become: its new content, or None to remove it."""

    path: Path
    content: bytes | None


@dataclass(frozen=True)
class _Staged:
    """One file of the set, ready to be renamed."""

    target: Path
    new: Path | None
    original: Path | None


def replace_all(replacements: Iterable[Replacement], check: Callable[[], None]) -> None:
    """Change all files, or leave the tree as it was.

    Args:
        replacements: What to change; parents that are missing are made.
        check: Called between the steps; may raise to give up.

    Raises:
        OSError: A step failed; the tree is as before.
    """
    change = _Change()
    try:
        for replacement in replacements:
            check()
            change.stage(replacement)
        for staged in change.staged:
            check()
            change.commit(staged)
        check()
    except BaseException:
        change.undo()
        raise
    change.finish()


class _Change:
    """The state of one change of the set."""

    def __init__(self) -> None:
        self.staged: list[_Staged] = []
        self._committed: list[_Staged] = []
        self._temporary: list[Path] = []
        self._made: list[Path] = []

    def stage(self, replacement: Replacement) -> None:
        try:
            self._stage(replacement)
        except OSError as error:
            # A write to a full disk fails without saying of which file.
            error.filename = error.filename or str(replacement.path)
            raise

    def _stage(self, replacement: Replacement) -> None:
        target = replacement.path
        original = new = None
        exists = target.exists()
        if exists:
            original = self._beside(target, "old")
            _keep(target, original)
        if replacement.content is not None:
            self._make_folder(target.parent)
            new = self._beside(target, "new")
            new.write_bytes(replacement.content)
            if exists:
                shutil.copymode(target, new)
        self.staged.append(_Staged(target, new, original))

    def commit(self, staged: _Staged) -> None:
        if staged.new is None:
            staged.target.unlink(missing_ok=True)
        else:
            staged.new.replace(staged.target)
        self._committed.append(staged)

    def undo(self) -> None:
        """Bring everything back; a step that fails does not keep the others from it."""
        for staged in reversed(self._committed):
            if staged.original is None:
                _quietly(staged.target.unlink)
            else:
                _quietly(partial(staged.original.replace, staged.target))
        self._clean()
        for folder in reversed(self._made):
            _quietly(folder.rmdir)

    def finish(self) -> None:
        """Remove the kept originals, and the folders that nothing is left in."""
        self._clean()
        for staged in self._committed:
            if staged.new is None:
                _quietly(staged.target.parent.rmdir)

    def _beside(self, target: Path, role: str) -> Path:
        path = target.with_name(f".{target.name}{TEMPORARY}{os.getpid()}.{role}")
        self._temporary.append(path)
        return path

    def _make_folder(self, folder: Path) -> None:
        missing = [folder, *folder.parents]
        for parent in reversed([path for path in missing if not path.exists()]):
            parent.mkdir()
            self._made.append(parent)

    def _clean(self) -> None:
        for path in self._temporary:
            _quietly(path.unlink)


def _keep(target: Path, second: Path) -> None:
    """Give a file a second name; where the file system has no links, a copy."""
    try:
        second.hardlink_to(target)
    except OSError:
        shutil.copy2(target, second)


def _quietly(step: Callable[[], object]) -> None:
    """Run a step of the clean-up; its failure must not hide what made it necessary."""
    with suppress(OSError):
        step()
