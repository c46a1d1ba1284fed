"""What a worker is at: a file that the worker writes, and that who watches it reads."""

from __future__ import annotations

import enum
import json
import os
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_MARK: Final = "ended by its watchdog\n"
"""What stands behind a note, before the stacks, where the watchdog has the worker write them."""


class Doing(enum.StrEnum):
    """What a worker can be at, from its start to its end."""

    STARTING = "starting"
    COLLECTING = "collecting"
    WAITING = "waiting"
    RUNNING = "running"
    FINISHING = "finishing"
    LEAVING = "leaving"


@dataclass(frozen=True)
class Note:
    """What a worker is at.

    Attributes:
        pid: The worker's process.
        doing: What it does.
        nodeid: With which test or collector; empty where it is neither.
        seconds: How long that may take; None where it depends on others.
        begun: When it began, on the clock that never goes back, which all processes share.
        captured: The worker's descriptors of what its tests write to standard output and error.
        properties: What the report of a test says beside its name.
    """

    pid: int
    doing: Doing
    nodeid: str
    seconds: float | None
    begun: float
    captured: Sequence[int] = ()
    properties: Sequence[tuple[str, object]] = ()

    @property
    def until(self) -> float | None:
        """When it must be done."""
        return None if self.seconds is None else self.begun + self.seconds


@dataclass(frozen=True)
class Left:
    """What a file says after its worker's end.

    Attributes:
        note: What the worker was at.
        overdue: Whether that is why it was ended.
        stacks: Its stacks, and where it was overdue those of what it had forked; "" if it was ended
            in a way that leaves no time to write any.
    """

    note: Note
    overdue: bool
    stacks: str


class Writer:
    """The worker's side."""

    def __init__(self, file: Path, captured: Sequence[int]) -> None:
        """Opens the file; it stays open for the stacks, which are written without Python's help.

        Args:
            file: Where it stands.
            captured: See `Note.captured`.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        self.descriptor = os.open(file, flags, 0o600)
        self._captured = captured

    def write(
        self,
        doing: Doing,
        nodeid: str = "",
        *,
        seconds: float | None,
        properties: Sequence[tuple[str, object]] = (),
    ) -> None:
        """Says what the worker does from now on, instead of what the file has said."""
        now = time.monotonic()
        note = Note(os.getpid(), doing, nodeid, seconds, now, self._captured, properties)
        line = json.dumps(asdict(note), default=repr) + "\n"
        os.ftruncate(self.descriptor, 0)
        os.write(self.descriptor, line.encode())


def read(file: Path) -> Left | None:
    """Read what a worker is at, or was.

    Returns:
        None where it has not written yet, or is writing now.
    """
    try:
        line, end, rest = file.read_text(encoding="utf-8", errors="replace").partition("\n")
    except FileNotFoundError:
        return None
    if not end:
        return None
    said = json.loads(line)
    doing, properties = Doing(said.pop("doing")), [(str(k), v) for k, v in said.pop("properties")]
    note = Note(doing=doing, properties=properties, **said)
    # A worker that crashes just as it is ended has written of both.
    return Left(note, _MARK in rest, rest.replace(_MARK, ""))


def mark_overdue(file: Path) -> None:
    """Write that the worker is ended by its watchdog, before it writes its stacks."""
    with file.open("a", encoding="utf-8") as page:
        page.write(_MARK)
