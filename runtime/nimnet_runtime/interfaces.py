"""What the runtime asks of objects that others make: types alone, which nothing imports to run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeAlias

from nimnet_runtime.system import RLock

Phase: TypeAlias = str | Callable[[], str] | None
"""What a call is waiting for, in words: `connecting to 127.0.0.1:80`; or what tells it."""


class Caller(Protocol):
    """Who makes a call that can wait."""

    def told(self, call: str) -> str:
        """Returns the call with its peer: `recv from 127.0.0.1:80`."""
        ...

    def came(self, goal: int) -> str:
        """Returns how far the call has come, `3 of 10 bytes had come`; "" for nothing to say.

        Args:
            goal: How much was wanted; 0 for what has no size.
        """
        ...


class Lock(Protocol):
    """What the system's locks share, `Lock` and `RLock`."""

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Takes the lock; False when the timeout (seconds) passed first."""
        ...


class Inherited(Protocol):
    """What a child process gets a copy of, and has to put in order; see `forks`."""

    @property
    def inside(self) -> RLock | None:
        """The lock that is held around calls into a library with locks of its own."""
        ...

    def forget_other_threads(self) -> None:
        """Takes from threads that a fork has left behind what they held; they never return it."""
        ...
