"""Scopes: a deadline for all calls inside of a `with` statement, whoever makes them.

What a context (PEP 567) is held to is a tuple of its entries, and nothing more than one look at a
context variable for calls outside of any scope. An entry ends with its block, for copies of the
context as well: what was begun inside, and goes on after it, is not held to a time that nobody
waits for any more.

Only weak references stand in the tuple: an entry lives as long as the `with` statement that made
it. Where a signal handler raises after `__enter__` and before the block, or at its end and before
`leave`, no block is there to be left; the entry goes with the object, and no later call is held to
it. For the same reason the order in which blocks end does not matter, which generators may mix; nor
does the context in which one ends, which may be that of another thread.
"""

from __future__ import annotations

from _contextvars import ContextVar  # without the module around it, which only names it
from _weakref import ref  # likewise

from nimnet_runtime import errors
from nimnet_runtime.system import monotonic

LONGEST = 2**63 - 1
"""Nim's `int`, in milliseconds: what fits is accepted."""


class Limit:
    """A moment, so many milliseconds after the object was made.

    Attributes:
        end: The moment, on the clock of `system`.
        milliseconds: How long it was until then.
    """

    __slots__ = ("end", "milliseconds")

    end: float
    milliseconds: int

    def __init__(self, milliseconds: int) -> None:
        """Starts the clock.

        Raises:
            OSError: `EINVAL`, because the number is negative or beyond 64 bits.
        """
        check_milliseconds(milliseconds)
        self.milliseconds = milliseconds
        self.end = monotonic() + milliseconds / 1000

    @property
    def remaining(self) -> int:
        """The milliseconds that are left, rounded up; 0 where none are, and never below."""
        left = self.end - monotonic()
        if left <= 0:
            return 0
        return min(int(-(left * 1000 // -1)), self.milliseconds)

    @property
    def passed(self) -> bool:
        """Whether no time is left."""
        return self.end <= monotonic()

    def __repr__(self) -> str:
        """Returns how much is left of how much."""
        return f"<deadline: {self.remaining} of {self.milliseconds} ms left>"


class _Entry:
    """One block, from its beginning to its end."""

    __slots__ = ("__weakref__", "limit", "over")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.over = False


class Scope:
    """What a `with` statement enters and leaves."""

    __slots__ = ("_entries", "_milliseconds")

    def __init__(self, milliseconds: int) -> None:
        """Begins nothing yet, and starts no clock.

        Raises:
            OSError: `EINVAL`, as `Limit`.
        """
        check_milliseconds(milliseconds)
        self._milliseconds = milliseconds
        self._entries: list[_Entry] = []

    def __enter__(self) -> Limit:
        """Starts the clock, and holds every call of this context to it until `leave`."""
        entry = _Entry(Limit(self._milliseconds))
        self._entries.append(entry)
        entered.set((*_held(), ref(entry)))
        return entry.limit

    def leave(self) -> None:
        """Ends the block that this context has entered last.

        Where it has entered none, that is the last one that any has: a generator may be begun in
        one context and closed in another, and the first must not be held to it for good.
        """
        entries = self._entries
        if len(entries) == 1:  # as nearly always: then it takes no memory
            entries.pop().over = True
        else:
            here = [entry for weak in entered.get() if (entry := weak()) in entries]
            for entry in (here or entries)[-1:]:
                entry.over = True
                entries.remove(entry)
        entered.set(_held())


def fail_after(milliseconds: int) -> Scope:
    """Returns what a `with` statement enters, to hold the calls inside to so many milliseconds.

    Raises:
        OSError: `EINVAL`, as `Limit`.
    """
    return Scope(milliseconds)


entered: ContextVar[tuple[ref[_Entry], ...]] = ContextVar("nimnet.fail_after", default=())
"""The blocks that a context is in, outermost first, and some that have ended."""


def earliest() -> Limit | None:
    """Returns the limit that calls of this context are held to; None outside of every scope."""
    first: Limit | None = None
    for weak in entered.get():
        limit = _limit(weak)
        if limit is not None and (first is None or limit.end <= first.end):
            first = limit
    return first


def check_milliseconds(milliseconds: int) -> None:
    """Refuses what is no length of time.

    Raises:
        OSError: `EINVAL`.
    """
    if not 0 <= milliseconds <= LONGEST:
        raise errors.invalid(
            f"milliseconds must be 0 or more, not {errors.spelled(milliseconds)};"
            " to wait for ever, have no deadline"
        )


def _held() -> tuple[ref[_Entry], ...]:
    """Returns what `entered` has without those that have ended."""
    return tuple([weak for weak in entered.get() if _limit(weak) is not None])


def _limit(weak: ref[_Entry]) -> Limit | None:
    entry = weak()
    return None if entry is None or entry.over else entry.limit
