"""One scenario between the program and the scripted peer, and what was observed of it."""

from __future__ import annotations

import errno
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nimnet_gen.testing.oracle.cells import Cell
from nimnet_gen.testing.oracle.peers import Peer
from nimnet_gen.testing.oracle.program import NimProgram, ProgramFaultError

AGREES: Final = ""
"""The observation where there is no difference."""

THE_PEER_FAILS: Final = "the peer fails"
"""The observation where every step agrees, but the peer's script cannot be played."""

_TICK: Final = 0.05
"""Seconds between two looks at a program that says nothing."""

_ASLEEP: Final = 0.8
"""Seconds without any work of the program or the peer, after which they wait for ever."""

_NOTHING: Final = 0.1
"""Seconds of a processor's time that are nothing: what looking at the program takes itself."""

_BUSY: Final = 1.6
"""Seconds of a processor's time after which a program that says nothing runs for ever."""


@dataclass
class _Progress:
    """Where a conversation is.

    Attributes:
        step: The step that the program is at; 0 is what it is given.
        seen: What the peer had done when it was last looked at.
        since: Since when nobody has worked.
        work: What the program and this process had worked by then.
        spent: What the program had worked when it last said something.
    """

    step: int = 0
    seen: str = ""
    since: float = 0.0
    work: float = 0.0
    spent: float = 0.0


@dataclass(frozen=True)
class Observation:
    """What was seen of a scenario.

    Attributes:
        words: The first difference, in canonical words; empty for none.
        peer: The peer's script, with how far it was played.
    """

    words: str
    peer: str


def observed(
    program: Path,
    cell: Cell,
    peer: Peer,
    numbers: Sequence[object] = (errno,),
    *,
    leisure: float = 1.0,
) -> Observation:
    """Run a scenario until there is a difference.

    Args:
        program: The compiled program.
        cell: The scenario, and where it runs.
        peer: Who plays its script.
        numbers: The modules that have the system's numbers by their names.
        leisure: By what factor to be slower to conclude that the program waits.

    Raises:
        ProgramFaultError: The program failed outside of any scenario.
    """
    run = cell.run
    arguments = [run["proc"], run["given"], cell.transport or "none", *cell.place[1:]]
    verdict: str | None = None
    with tempfile.TemporaryDirectory(prefix="oracle") as folder:
        talk = _Conversation(cell, peer, Path(folder), numbers, leisure)
        try:
            with peer:
                with NimProgram(program, arguments, Path(folder)) as nim:
                    verdict = talk.run(nim)
                if verdict != AGREES:
                    raise _Differs(verdict)
        except _Differs as difference:
            verdict = difference.observation
        except (AssertionError, OSError):
            if verdict != AGREES:
                raise  # it is no observation, but something that failed beneath the test
            verdict = THE_PEER_FAILS  # what it missed, or could not do
    return Observation(verdict, peer.describe())


class _Differs(Exception):  # noqa: N818  # it is no error: it tells the peer that the test is over
    """A difference was observed, after which the peer need not play its script to the end."""

    def __init__(self, observation: str) -> None:
        super().__init__(observation)
        self.observation = observation


class _Conversation:
    def __init__(
        self, cell: Cell, peer: Peer, folder: Path, numbers: Sequence[object], leisure: float
    ) -> None:
        self._cell = cell
        self._numbers = numbers
        self._peer = peer
        self._folder = folder
        self._leisure = leisure
        self._progress = _Progress()
        self._awaken: list[str] = []

    def run(self, nim: NimProgram) -> str:
        """Talk with the program until it has a verdict, ends, or waits in vain."""
        self._progress.since = time.monotonic()
        while True:
            for line in nim.lines(_TICK):
                self._progress.since, self._progress.spent = time.monotonic(), nim.worked()
                if (verdict := self._heard(nim, line)) is not None:
                    return verdict
            if nim.is_over:
                return f"step {self._progress.step} crashes {nim.fate()}"
            self._signal_to_waiting()
            if self._is_stuck(nim):
                return f"step {self._progress.step} waits"

    def _heard(self, nim: NimProgram, line: str) -> str | None:
        """Do what a line of the program says; return the verdict if it is one."""
        word, _, rest = line.partition(" ")
        match word:
            case "step":
                self._progress.step = int(rest)
            case "signal":
                self._peer.signal(rest)
            case "awaken":
                self._awaken.append(rest)
            case "listens":
                self._peer.reach(rest)
            case "ask":
                nim.answer(self._answer(rest))
            case "agrees":
                self._peer.finish()
                nim.release()
                return AGREES
            case "differs":
                return self._peer.canonical(rest)
            case _:
                raise ProgramFaultError(f"the program said {line!r}")
        return None

    def _signal_to_waiting(self) -> None:
        """Give the signals that are for a program that waits, if it does."""
        if time.monotonic() - self._progress.since > _ASLEEP / 4:
            for name in self._awaken:
                self._peer.signal(name)
            self._awaken.clear()

    def _answer(self, question: str) -> bytes:
        """Return what a name stands for, or a number of the system, or the name of one."""
        kind, _, name = question.partition(" ")
        answer: object
        if kind == "system":
            answer = next(int(getattr(one, name)) for one in self._numbers if hasattr(one, name))
        elif kind == "errno":
            answer = errno.errorcode.get(int(name), name)
        else:
            answer = self._peer.answer(kind, self._folder)
        return answer if isinstance(answer, bytes) else str(answer).encode()

    def _is_stuck(self, nim: NimProgram) -> bool:
        """Tell whether the program will never go on: all rest, or it alone works and works."""
        progress, now, worked = self._progress, time.monotonic(), nim.worked()
        work, seen = worked + time.process_time(), self._peer.describe()
        if seen != progress.seen:
            progress.spent = worked
        if seen != progress.seen or work - progress.work > _NOTHING or not nim.sleeps():
            progress.seen, progress.since, progress.work = seen, now, work
        rest = self._cell.patience(progress.step) / 1000
        return (
            now - progress.since > rest + self._leisure * _ASLEEP
            or worked - progress.spent > rest + self._leisure * _BUSY
        )
