"""Deadlines: the one clock a call that can wait is held to.

A deadline is made once per call and handed down through name resolution, connecting, handshakes,
locks and every byte. It is never restarted.
"""

from __future__ import annotations

import errno

from nimnet_runtime import errors
from nimnet_runtime.system import LONGEST_WAIT, monotonic, ready

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Protocol

    class Lock(Protocol):
        """What the system's locks share, `Lock` and `RLock`."""

        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            """Takes the lock; False when the timeout (seconds) passed first."""
            ...


_LONGEST = 2**63 - 1
"""Nim's `int`, in milliseconds: what fits is accepted."""


class Deadline:
    """The end of a call, fixed when the call began.

    Attributes:
        bounded: Whether there is an end at all.
        allowance: How many bytes a call that is to end now may take: those that were there when it
            began. None before anybody has counted them.
    """

    __slots__ = ("_end", "_timeout", "allowance", "bounded")

    def __init__(self, timeout: int) -> None:
        """Starts the clock.

        Args:
            timeout: Milliseconds; -1 for no end, 0 for "now or not at all".

        Raises:
            OSError: `EINVAL`, because the timeout is another negative number or beyond 64 bits.
        """
        self.bounded: bool = timeout != -1
        self.allowance: int | None = None
        if self.bounded:
            if not 0 <= timeout <= _LONGEST:
                raise errors.invalid(
                    f"timeout must be -1 (none) or milliseconds, not {errors.spelled(timeout)}"
                )
            self._timeout = timeout
            self._end = monotonic() + timeout / 1000

    @property
    def immediate(self) -> bool:
        """Whether it is now, because the timeout is 0."""
        return self.bounded and not self._timeout

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
        part = Deadline(0)
        part._timeout = self._timeout
        part._end = min(self._end, monotonic() + max(remaining / 2, least))
        return part

    def expired(self, progress: str = "") -> errors.TimeoutError:
        """Returns the error to raise once no time is left."""
        message = f"the timeout of {self._timeout} ms has passed{progress}"
        return errors.TimeoutError(errno.ETIMEDOUT, message)

    def check(self, taken: int = 0) -> None:
        """Ends a call that never waits because there is always something to do.

        A timeout of 0 is for everything that was there when the call began, and not for what a
        peer goes on to send: it lets through a call that has taken no more than its `allowance`.

        Args:
            taken: How many bytes the call has taken so far.

        Raises:
            TimeoutError: The deadline has passed.
        """
        if not self.bounded:
            return
        if not self._timeout:
            passed = self.allowance is not None and taken > self.allowance
        else:
            passed = self.passed()
        if passed:
            raise self.expired()

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

    def wait_writable(self, fd: int) -> None:
        """Waits until `fd` can be written, has failed or was shut down.

        Raises:
            TimeoutError: The deadline passed first.
        """
        self._wait(fd, reading=False)

    def acquire(self, lock: Lock, patience: float = 0) -> None:
        """Takes `lock`.

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
            raise self.expired()

    def _wait(self, fd: int, *, reading: bool) -> None:
        while True:
            remaining = self.remaining()
            if ready((fd,), reading, remaining):
                return
            if remaining is not None and self.passed():
                raise self.expired()


UNBOUNDED = Deadline(-1)
