"""What calls wait with, as the system has it: sockets, poll, locks, threads, the clock.

Programs replace these. gevent and eventlet put cooperative ones into `socket`, `select`, `time` and
`threading`, PySocks a socket that asks a proxy, test suites one that refuses; others stop the
clock. A deadline would be theirs to keep then, and the calls here would meet sockets that only look
blocking, locks that belong to another kind of thread, waits that are not there. So nothing that
waits is taken from those modules: the class of sockets is the one in C that `socket.socket` is made
from, which nobody replaces, and the rest comes from new copies of modules in C. It does not matter
then who is imported first.

A call therefore blocks its thread of the system. Under gevent or eventlet that is the whole hub. To
a lock all greenlets of a thread are one owner, which is as well: no call switches while it has one.
"""

from __future__ import annotations

import sys
from _socket import close as close_descriptor
from _socket import socket as Socket  # noqa: N812 - a class, however CPython spells it
from _thread import TIMEOUT_MAX
from _weakref import ref  # without the module around it, which is Python
from collections.abc import Callable, Iterable

from nimnet_runtime import errors

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import select
    from _thread import RLock, get_ident, start_new_thread
    from _thread import allocate_lock as Lock  # noqa: N812 - it makes one
    from time import monotonic, sleep
    from types import ModuleType

    def three_locks() -> tuple[RLock, RLock, RLock]:
        """Makes the locks of a descriptor."""
        return RLock(), RLock(), RLock()

else:

    def _original(name: str) -> ModuleType:
        # As `importlib.util` does it, which loads more than all that is needed here.
        spec = __import__(name).__spec__
        module = spec.loader.create_module(spec)
        spec.loader.exec_module(module)
        return module

    select = _original("select")
    _thread, _time = _original("_thread"), _original("time")

    # Where there is no memory for a lock, Python raises a RuntimeError.

    def Lock():  # noqa: N802 - it makes one
        """Makes one, as C does."""
        try:
            return _thread.allocate_lock()
        except RuntimeError:
            raise MemoryError("no memory for a lock") from None

    class RLock(_thread.RLock):
        """As C's."""

        __slots__ = ()

        def __new__(cls):
            """Makes one."""
            try:
                return _thread.RLock.__new__(cls)
            except RuntimeError:
                raise MemoryError("no memory for a lock") from None

    def three_locks():
        """Makes the locks of a descriptor: it takes half the time to make them together."""
        new = _thread.RLock.__new__
        try:
            return new(RLock), new(RLock), new(RLock)
        except RuntimeError:
            raise MemoryError("no memory for a lock") from None

    get_ident, start_new_thread = _thread.get_ident, _thread.start_new_thread
    monotonic, sleep = _time.monotonic, _time.sleep

__all__ = [
    "LONGEST_WAIT",
    "Held",
    "Lock",
    "RLock",
    "Socket",
    "close_descriptor",
    "events_now",
    "get_ident",
    "heed_signals",
    "monotonic",
    "readable_or_writable",
    "ready",
    "sleep",
    "start_new_thread",
    "three_locks",
]


class Held(ref["Callable[[], None]"]):
    """A reference to what a thread runs, which is gone when that has ended, however it has.

    Attributes:
        release: For a callback of C's to call then.
    """

    __slots__ = ("release",)
    release: Callable[[], None]


def heed_signals() -> None:
    """Lets signal handlers run, which may raise.

    A loop calls it between two system calls. The interpreter runs handlers as a function of Python
    begins, and this module is never compiled; a compiled loop would keep them waiting for as long
    as the peer keeps it busy.
    """


LONGEST_WAIT = TIMEOUT_MAX
"""Seconds that a lock can be waited for at once."""

LONGEST_POLL = 2**31 // 1000
"""What poll, which takes 32 bits of milliseconds, is asked to wait at once, in seconds."""


if sys.platform != "win32" and hasattr(select, "poll"):

    def ready(fds: Iterable[int], reading: bool, seconds: float | None) -> list[int]:
        """Waits until some descriptors can be read (or written), have failed or were shut down.

        Resumes after a signal with what is left of its time (PEP 475). Never epoll or kqueue: those
        need a descriptor of their own, which could be the one too many.

        Args:
            fds: The descriptors, of any number.
            reading: Whether to read or to write.
            seconds: How long to wait; it may be less. None for no end.

        Returns:
            Those that are ready; none when the time has passed.
        """
        poller = select.poll()
        events = select.POLLIN if reading else select.POLLOUT
        for fd in fds:
            poller.register(fd, events)
        answers = poller.poll(None if seconds is None else min(seconds, LONGEST_POLL) * 1000)
        return [fd for fd, _ in answers]

    def readable_or_writable(fd: int, seconds: float | None) -> tuple[bool, bool]:
        """As `ready`, for one descriptor and both ways.

        Returns:
            Whether it can be read, or has failed or was shut down; and whether it can be written.
            Neither when the time has passed.
        """
        poller = select.poll()
        poller.register(fd, select.POLLIN | select.POLLOUT)
        answers = poller.poll(None if seconds is None else min(seconds, LONGEST_POLL) * 1000)
        found = sum(events for _, events in answers)
        return bool(found & ~select.POLLOUT), bool(found & select.POLLOUT)

    def events_now(fd: int, events: int) -> int:
        """Returns which of poll's `events` a descriptor has at this moment, and its failures."""
        poller = select.poll()
        poller.register(fd, events)
        return sum(found for _, found in poller.poll(0))

else:  # pragma: no cover - Windows

    def ready(fds: Iterable[int], reading: bool, seconds: float | None) -> list[int]:
        """As above."""
        # Windows reports a failed connect in the third set only.
        wanted, none = list(fds), list[int]()
        if seconds is not None:
            seconds = min(seconds, LONGEST_POLL)
        answers = select.select(
            wanted if reading else none, none if reading else wanted, wanted, seconds
        )
        return sorted({*answers[0], *answers[1], *answers[2]})

    def readable_or_writable(fd: int, seconds: float | None) -> tuple[bool, bool]:
        """As above."""
        if seconds is not None:
            seconds = min(seconds, LONGEST_POLL)
        answers = select.select([fd], [fd], [fd], seconds)
        return bool(answers[0] or answers[2]), bool(answers[1])

    def events_now(fd: int, events: int) -> int:  # noqa: ARG001 - as above
        """Raises `OSError`: there is no poll."""
        raise errors.unsupported("the system has no poll")
