"""Deadlines: the one clock a call that can wait is held to.

A deadline is made once per call, by `within`, and handed down through name resolution, connecting,
handshakes, locks and every byte. It is never restarted. It is the call's own timeout or that of a
scope around it (see `scopes`), whichever is earlier.

The two ends differ in what a call may do once they have come. A timeout is about waiting: what can
be done at once is done after it, and 0 says that only that is wanted. A scope is the time of many
calls. Were each of them given what has come meanwhile, a peer that always has something would keep
them going for ever, so nobody asks the system for anything after it; what is in this process
already is given without a look.

Whoever makes one says whose it is, because nobody else raises a `TimeoutError`: what it tells (the
call and its peer, what was being waited for, how far that had come) is asked for when time is up,
and costs a call that comes in time nothing.
"""

from __future__ import annotations

import errno

from nimnet_runtime import errors
from nimnet_runtime.scopes import LONGEST, Limit, earliest, entered
from nimnet_runtime.system import LONGEST_WAIT, monotonic, readable_or_writable, ready

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

    from nimnet_runtime.interfaces import Caller, Lock, Phase

NO_END: Final = -1
"""The timeout that is none. To ask whether a timeout *is* it costs no more than to compare the two,
and leaves out -1.0."""
QUICK_TIMEOUT: Final = 2**30
"""Timeouts below it are known to be valid without making a `Deadline`."""
_FOR_DATA: Final = "waiting for data"
_entered: Final = entered.get  # which most calls hear an empty tuple from


class Deadline:
    """The end of a call, fixed when the call began.

    Attributes:
        bounded: Whether there is an end at all.
        own: Whether the call has a timeout of its own, which may ask for more than what is there.
        immediate: Whether the call's own timeout is 0: what is there when it begins is all it gets.
        allowance: How many bytes a call that is to end now may take: those that were there when it
            began. None before anybody has counted them.
    """

    __slots__ = (
        "_call",
        "_caller",
        "_end",
        "_goal",
        "_limit",
        "_phase",
        "_timeout",
        "allowance",
        "bounded",
        "immediate",
        "own",
    )

    def __init__(
        self,
        timeout: int,
        limit: Limit | None = None,
        call: str = "",
        caller: Caller | None = None,
        goal: int = 0,
    ) -> None:
        """Starts the clock; calls have `within` do it.

        Args:
            timeout: Milliseconds; -1 for no end, 0 for "now or not at all".
            limit: The end of a scope around the call.
            call: What `caller` is asked to tell.
            caller: Whose call it is; None for what no caller hears of.
            goal: How much the call wants, if that is a number.

        Raises:
            OSError: `EINVAL`, because the timeout is another negative number or beyond 64 bits.
        """
        self.bounded: bool = timeout != -1
        self.own: bool = self.bounded
        self.immediate: bool = not timeout
        self.allowance: int | None = None
        self._call = call
        self._caller = caller
        self._goal = goal
        self._limit: Limit | None = None
        self._phase: Phase = None
        if self.own:
            if not 0 <= timeout <= LONGEST:
                check_timeout(timeout)
            self._timeout = timeout
            self._end = monotonic() + timeout / 1000
            if limit is not None and limit.end < self._end:
                self._hold_to(limit)
        elif limit is not None:
            self.bounded = True
            self._hold_to(limit)

    def _hold_to(self, limit: Limit) -> None:
        self._limit = limit
        self._timeout = limit.milliseconds
        self._end = limit.end
        self.immediate = False

    def remaining(self) -> float | None:
        """Returns the seconds left, never less than 0; None when there is no end."""
        return max(0.0, self._end - monotonic()) if self.bounded else None

    def passed(self) -> bool:
        """Tells whether no time is left."""
        return self.bounded and self._end <= monotonic()

    def half(self, least: float) -> Deadline:
        """Returns an earlier deadline: after half of the time left, or `least` seconds of it."""
        remaining = self.remaining()
        if remaining is None:
            return self
        part = Deadline(-1, self._limit, self._call, self._caller, self._goal)
        part.bounded = True
        part.own = self.own
        part.immediate = self.immediate
        part._phase = self._phase
        part._timeout = self._timeout
        part._end = min(self._end, monotonic() + max(remaining / 2, least))
        return part

    def enter(self, phase: Phase) -> None:
        """Says what the call waits for from now on; None for what each wait says by itself."""
        if self.bounded:  # one without an end is everybody's, and nobody asks it
            self._phase = phase

    def expired(self, waiting: str = "", progress: str = "") -> errors.TimeoutError:
        """Returns the error to raise once no time is left.

        Args:
            waiting: What this wait was for, where the call is in no phase of its own.
            progress: How far the call has come, where the caller does not know.
        """
        phase, caller = self._phase, self._caller
        words = phase() if callable(phase) else phase or waiting
        head = ""
        if caller is not None:
            head = f"{caller.told(self._call)}: "
            progress = progress or caller.came(self._goal)
        whose = "timeout of {} ms has" if self._limit is None else "{} ms of fail_after have"
        message = f"{head}the {whose.format(self._timeout)} passed"
        if words:
            message += f" {words}"
        if progress:
            message += f" ({progress})"
        return errors.TimeoutError(errno.ETIMEDOUT, message)

    def require_time(self, *, moved: bool = False) -> None:
        """Ends a call that is about to ask the system, if it may not do that any more.

        Args:
            moved: Whether it has moved something, so that its own timeout, unless that is 0, counts
                even if there is always something to do.

        Raises:
            TimeoutError: The end of a scope has come; or that of the call, and it has moved
                something.
        """
        counts = self._limit is not None or (moved and self.bounded and not self.immediate)
        if counts and self._end <= monotonic():
            raise self.expired(f"before it asked the system{' again' if moved else ''}")

    def check(self, taken: int = 0) -> None:
        """Ends a call that never waits because there is always something to do.

        A timeout of 0 is for everything that was there when the call began, and not for what a peer
        goes on to send: it lets through a call that has taken no more than its `allowance`. The end
        of a scope is looked at where the system is asked; see `require_time`.

        Args:
            taken: How many bytes the call has taken so far.

        Raises:
            TimeoutError: The deadline has passed.
        """
        if not self.bounded or self._limit is not None:
            return
        if self.immediate:
            passed = self.allowance is not None and taken > self.allowance
        else:
            passed = self.passed()
        if passed:
            raise self.expired(_FOR_DATA)

    def wait_readable(self, fd: int) -> None:
        """Waits until `fd` can be read, has failed or was shut down.

        Raises:
            TimeoutError: The deadline passed first.
        """
        self._wait(fd, reading=True)

    def finds_readable(self, fd: int, seconds: float) -> bool:
        """Tells whether `fd` can be read within so many seconds, and before the deadline."""
        remaining = self.remaining()
        wait = seconds if remaining is None else min(seconds, remaining)
        return bool(ready((fd,), True, wait))

    def finds_input(self, fd: int) -> bool:
        """Waits until `fd` can be read or written; tells whether it can be read.

        Raises:
            TimeoutError: The deadline passed first.
        """
        while True:
            remaining = self.remaining()
            readable, writable = readable_or_writable(fd, remaining)
            if readable or writable:
                return readable
            if remaining is not None and self.passed():
                raise self.expired(_FOR_DATA)

    def wait_writable(self, fd: int) -> None:
        """Waits until `fd` can be written, has failed or was shut down.

        Raises:
            TimeoutError: The deadline passed first.
        """
        self._wait(fd, reading=False)

    def acquire(self, lock: Lock, patience: float = 0) -> None:
        """Takes `lock`, which another thread has, unless the call's phase says what it is for.

        Args:
            lock: The lock.
            patience: Seconds to wait in any case. Nobody who holds a lock without waiting for
                anything should make a call fail that has come in time.

        Raises:
            TimeoutError: The deadline passed first; the lock is not taken.
        """
        if lock.acquire(False):
            return
        remaining = self.remaining()
        if remaining is None:
            lock.acquire()
        elif not lock.acquire(True, min(max(remaining, patience), LONGEST_WAIT)):
            raise self.expired("waiting for another thread's call on the socket")

    def _wait(self, fd: int, *, reading: bool) -> None:
        while True:
            remaining = self.remaining()
            if ready((fd,), reading, remaining):
                return
            if remaining is not None and self.passed():
                raise self.expired(_FOR_DATA if reading else "waiting for room to send")


UNBOUNDED: Final = Deadline(-1)
"""No end, and so nobody's: all calls share it."""

NOW: Final = Deadline(0)
"""For what must not wait at all, and is no call's own."""


def within(timeout: int, call: str, caller: Caller, goal: int = 0) -> Deadline:
    """Returns the deadline of a call that begins: its timeout, or that of a scope around it.

    Args:
        timeout: Milliseconds; -1 for no end of its own, 0 for "now or not at all".
        call: The call, and how it stands to its peer: `recv from`.
        caller: Who is to tell of it when time is up.
        goal: How much the call wants, if that is a number.

    Raises:
        OSError: `EINVAL`, as `Deadline`.
    """
    limit = earliest() if _entered() else None
    if timeout == -1 and limit is None:
        return UNBOUNDED
    return Deadline(timeout, limit, call, caller, goal)


def endless(timeout: int) -> Deadline | None:
    """Returns what `within` does for a call that has no end; None for one that has, or may have.

    For who would have to make the caller of all others first.
    """
    return UNBOUNDED if timeout == -1 and not _entered() else None


def patience(milliseconds: int) -> Deadline:
    """Returns an end for what a call does beside its job, and tells nobody of if it fails."""
    return Deadline(milliseconds, earliest())


def check_timeout(timeout: int) -> None:
    """Refuses what is no timeout.

    Raises:
        OSError: `EINVAL`.
    """
    if timeout != -1 and not 0 <= timeout <= LONGEST:
        raise errors.invalid(
            f"timeout must be -1 (none) or milliseconds, not {errors.spelled(timeout)}"
        )
