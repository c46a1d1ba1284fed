"""Forks: what other threads hold at that moment, nobody gives back in the child.

Only the thread that forked lives on there. Whatever has a lock, a turn or a count that another one
may have taken is therefore told, before anything else runs in the child. It is told by its own
object: there are no such things at module level, where nobody would think of them.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from weakref import WeakSet

from nimnet_runtime.system import RLock


class Inherited(ABC):
    """What a child process gets a copy of, and has to put in order."""

    __slots__ = ("__weakref__",)

    def __init__(self) -> None:
        """Is told of forks from now on."""
        _all.add(self)

    @abstractmethod
    def forget_other_threads(self) -> None:
        """Takes from threads that a fork has left behind what they held; they never return it."""


# No fork finds it in a state between two: to add or remove something is one call into C.
_all: WeakSet[Inherited] = WeakSet()


def is_lost(lock: RLock) -> bool:
    """Tells, in a process with one thread, whether another one holds `lock`."""
    if not lock.acquire(False):
        return True
    lock.release()
    return False


def _after_fork() -> None:
    for inherited in _everything():
        inherited.forget_other_threads()


def _everything() -> list[Inherited]:
    while True:
        try:
            return list(_all)
        except RuntimeError:  # pragma: no cover - a finalizer has made a socket meanwhile
            pass


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows
    os.register_at_fork(after_in_child=_after_fork)
