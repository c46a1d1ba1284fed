"""A file of named texts, to which what changes is appended; the last one of a name counts.

A file for each would be clearer, and costs ten times as much where many are made at once. A line
has a name and a text, behind a digest of both, and goes into the file as a whole, so that several
processes can write. A file with a line that is damaged (somebody was killed, the disk is full) is
as good as empty: no earlier line may be taken for the last. Imports no mypy.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

_WASTE = 4
"""A file is written anew when it has more than so many lines for each name."""


def digest_of(data: bytes) -> str:
    """A short digest."""
    return hashlib.sha256(data).hexdigest()[:16]


class Journal:
    """A file of named texts, which is read when the first is asked for.

    Args:
        path: the file's; it and its folder are made when something is written.
    """

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path
        self._texts: dict[str, str] | None = None
        # Whether what the file has is to be kept.
        self._continues = False

    def get(self, name: str) -> str | None:
        """The text of a name; None if there is none."""
        return self._known().get(name)

    def put(self, name: str, text: str) -> None:
        """Give a name a text, of one line; if it cannot be written, nothing stays of the file."""
        known = self._known()
        if known.get(name) != text:
            known[name] = text
            self._append(name, text)

    def drop(self, name: str) -> None:
        """Let a name have no text."""
        if self._known().pop(name, None) is not None:
            self._append(name, "")

    def _known(self) -> dict[str, str]:
        if self._texts is None:
            self._texts = self._read()
        return self._texts

    def _read(self) -> dict[str, str]:
        found: dict[str, str] = {}
        try:
            *lines, rest = self._path.read_bytes().split(b"\n")
        except OSError:
            return {}
        if rest:
            return {}
        for line in lines:
            digest, _, entry = line.partition(b" ")
            if digest.decode("latin-1") != digest_of(entry):
                return {}
            name, _, text = entry.decode().partition(" ")
            if text:
                found[name] = text
            else:
                found.pop(name, None)
        self._continues = len(lines) <= _WASTE * len(found)
        return found

    def _append(self, name: str, text: str) -> None:
        try:
            if not self._continues:
                self._begin()
            line = _line(name, text)
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND)
            try:
                # One call, so that what other processes write comes before or after it.
                whole = os.write(descriptor, line) == len(line)
            finally:
                os.close(descriptor)
        except (OSError, UnicodeEncodeError):
            whole = False
        if not whole:
            self._give_up()

    def _begin(self) -> None:
        """Make a file of what there is, and of nothing else."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        partial.write_bytes(b"".join(_line(*item) for item in self._known().items()))
        partial.replace(self._path)
        self._continues = True

    def _give_up(self) -> None:
        """Leave no file that says what was before."""
        self._continues = False
        try:
            self._path.unlink(missing_ok=True)
        except OSError:
            return


def _line(name: str, text: str) -> bytes:
    entry = f"{name} {text}".encode()
    return f"{digest_of(entry)} ".encode() + entry + b"\n"
