"""Signal handlers that raise, or do something else, at any chosen moment of a call.

The interpreter runs handlers when a Python function begins and when a call into C has returned. A
profiler hears of the same moments, so it stands for the handler. Compiled code has few of them: it
has those of the modules that stay interpreted, besides the system calls that a signal ends.
"""

from __future__ import annotations

import itertools
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import nimnet_runtime
import pytest

from harness.builds import COMPILED

if TYPE_CHECKING:
    from _typeshed import TraceFunction

RUNTIME = str(Path(nimnet_runtime.__file__).parent)


class InterruptError(Exception):
    """What the handler raises."""


def at_least(moments: int) -> int:
    """Returns how many moments must have been tried, for a test of one call to have tried any.

    Args:
        moments: What is right for interpreted code; a compiled call may have none.
    """
    return 0 if COMPILED else moments


def interrupted(
    call: Callable[[], object], moment: int, kept: list[BaseException] | None = None
) -> bool:
    """Runs `call`, raises at one moment of it, and tells whether there was such a moment.

    Args:
        call: What is interrupted; only moments inside the runtime count.
        moment: 1 for the first.
        kept: Where the exception is put that came out.
    """

    def interrupt() -> None:
        raise InterruptError

    try:
        return disturbed(call, moment, interrupt)
    except InterruptError as error:
        if kept is not None:
            kept.append(error)
        return True


def disturbed(call: Callable[[], object], moment: int, action: Callable[[], None]) -> bool:
    """Runs `call` and, at one moment of it, `action`; tells whether there was such a moment."""
    moments = itertools.count(1)
    reached = False

    def handle(frame: FrameType, event: str, _argument: object) -> None:
        nonlocal reached
        if (
            event in ("call", "c_return")
            and frame.f_code.co_filename.startswith(RUNTIME)
            and next(moments) == moment
        ):
            sys.setprofile(None)
            reached = True
            action()

    sys.setprofile(handle)
    try:
        call()
    finally:
        sys.setprofile(None)
    return reached


def interrupted_anywhere(call: Callable[[], object], moment: int) -> bool:
    """As `interrupted`, but between any two bytecodes: more than any interpreter does.

    Locks and turns do not survive that; descriptors must.
    """
    moments = itertools.count(1)

    def trace(frame: FrameType, event: str, _argument: object) -> TraceFunction | None:
        if not frame.f_code.co_filename.startswith(RUNTIME):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode" and next(moments) == moment:
            sys.settrace(None)
            raise InterruptError
        return trace

    previous = sys.gettrace()
    sys.settrace(trace)
    try:
        call()
    except InterruptError:
        return True
    finally:
        sys.settrace(previous)
    return False


SIGNALS = pytest.mark.skipif(
    not hasattr(signal, "pthread_kill"), reason="signals to threads are POSIX only"
)
"""For tests that `disturbance` interrupts."""
ROUNDS = 50
"""How often a machine may be so quick, or so slow, that no signal falls into a read."""


class Disturbance:
    """Signals to this thread all the time; the handler raises once each time that it is armed."""

    def __init__(self) -> None:
        self.armed = False
        self._over = threading.Event()
        self._thread = threading.get_ident()

    def interrupt(self, _signum: int, frame: FrameType | None) -> None:
        # Only inside the runtime: a tool that measures coverage does not survive an exception.
        if self.armed and frame is not None and "nimnet_runtime" in frame.f_code.co_filename:
            self.armed = False
            raise InterruptError

    def disturb(self) -> None:
        while not self._over.wait(0.00001):
            signal.pthread_kill(self._thread, signal.SIGUSR1)

    def end(self) -> None:
        self.armed = False
        self._over.set()


@contextmanager
def disturbance() -> Iterator[Disturbance]:
    """Sends signals to the calling thread while the block runs; it gives what arms the handler."""
    disturbing = Disturbance()
    disturber = threading.Thread(target=disturbing.disturb)
    before = signal.signal(signal.SIGUSR1, disturbing.interrupt)
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # so that signals come at every point where they are looked for
    disturber.start()
    try:
        yield disturbing
    finally:
        disturbing.end()
        disturber.join()
        sys.setswitchinterval(switching)
        signal.signal(signal.SIGUSR1, before)
