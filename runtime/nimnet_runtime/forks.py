"""Forks: what other threads hold at that moment, nobody gives back in the child.

Only the thread that forked lives on there. Whatever has a lock, a turn or a count that another one
may have taken is therefore told, before anything else runs in the child. Its owner sees to that by
an `Heir`; the one registry at module level, that of `lookups`, sees to itself there.

This module stays interpreted: weak references to objects of compiled classes outlive these.

OpenSSL has locks of its own and does not renew them. No thread should therefore be inside of it at
a fork: the thread that forks takes the locks of all sessions before, and gives them back after.
"""

from __future__ import annotations

import os
from _weakref import ref  # without the module around it, which is Python
from collections import deque
from itertools import compress

from nimnet_runtime.system import RLock, get_ident, monotonic

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from nimnet_runtime.interfaces import Inherited

_PATIENCE = 1.0
"""Seconds that a fork may wait for others. Who is inside OpenSSL is so for a moment, unless it has
called the program back, or the machine lets others run meanwhile: a child that was not waited for
could hang."""


class Heir:
    """Lets something be told of forks, as long as this lives: its owner keeps it."""

    __slots__ = ("__weakref__", "inherited")

    def __init__(self, inherited: Inherited) -> None:
        """Has `inherited` told from now on."""
        self.inherited = inherited
        _add(ref(self, _discard))


# No fork finds it in a state between two: to add or remove something is one call into C. Nor does a
# signal handler run as something is removed: it could not raise there, as it can in a WeakSet's
# callback, which is Python's, and whose exceptions are only printed.
_all: set[ref[Heir]] = set()
_add, _discard = _all.add, _all.discard
_held: dict[int, list[RLock | None]] = {}
"""What each thread that forks has taken, behind a None."""


def is_lost(lock: RLock) -> bool:
    """Tells, in a process with one thread, whether another one holds `lock`."""
    try:
        return not lock.acquire(False)
    finally:
        try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
            lock.release()
        except RuntimeError:
            pass


def _hold() -> None:
    """Takes the locks of all that have some, as far as they come free in time."""
    held = _held.setdefault(get_ident(), [])
    held.append(None)
    end = monotonic() + _PATIENCE
    seen: set[RLock] = set()
    # What is made while this waits may be inside already.
    while new := {lock for each in _everything() if (lock := each.inside)} - seen:
        for lock in new:
            left = max(0.0, end - monotonic())
            # C stores what C returns: none is taken that is not in the list.
            held += compress((lock,), map(lock.acquire, (True,), (left,)))
        seen |= new


def _give_back() -> None:
    held = _held.get(get_ident())
    if held:
        deque(map(RLock.release, iter(held.pop, None)), 0)
    if not held:
        _held.pop(get_ident(), None)


def _after_fork() -> None:
    _give_back()
    _held.clear()
    for inherited in _everything():
        inherited.forget_other_threads()


def _everything() -> list[Inherited]:
    while True:
        try:
            return [heir.inherited for entry in tuple(_all) if (heir := entry()) is not None]
        except RuntimeError:  # pragma: no cover - a finalizer has made a socket meanwhile
            pass


if hasattr(os, "register_at_fork"):  # pragma: no branch - Windows
    # Twice, because a signal handler that raises ends one of them.
    os.register_at_fork(before=_hold, after_in_parent=_give_back, after_in_child=_give_back)
    os.register_at_fork(after_in_parent=_give_back, after_in_child=_after_fork)
