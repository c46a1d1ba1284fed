"""What `expect` looks for: bytes and regexes, in what has arrived. Pure state, no I/O.

Which one came first. The match that ends first, as the end is what arrives last; of those that end
there, the one that begins first, and then the first of the list. For patterns of bytes the answer
is therefore the same however the bytes were segmented. A regex is tried on what has arrived, and
its match is the one that `search` finds there: one that could go on (`\\d+`) does not wait for it.

How much is searched. Every byte is searched once for bytes, with the few before it that a pattern
may have begun in. How long a match of a regex can be nobody can tell, nor does a search go on where
another stopped. So what arrives is searched together with the last bytes before it; and all that
is here, in which longer matches are found, whenever it has doubled, at the end, and when that was
not done for a moment and nothing more is there: until then it is *owed*. Bytes that come one by one
cost no more than the window each, and not all that came before them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from operator import attrgetter

from nimnet_runtime import errors
from nimnet_runtime.bytequeue import ByteQueue
from nimnet_runtime.reader import Expected
from nimnet_runtime.system import monotonic

PAUSE = 50
"""Milliseconds that a look for long matches may be owed while nothing comes."""
_WINDOW = 4096
"""Bytes before what has arrived that a match of a regex is looked for in at once."""


class Found:
    """A match.

    Attributes:
        end: Where it ends in the bytes that were searched.
        index: Of which pattern it is.
        rank: What it is compared by with others; the least counts.
    """

    __slots__ = ("_match", "_start", "_whole", "end", "index", "rank")

    def __init__(
        self, index: int, whole: bytes, start: int, end: int, match: re.Match[bytes] | None = None
    ) -> None:
        """Is in `whole`, of the pattern `index`, which is bytes where there is no `match`."""
        self.index = index
        self._whole = whole
        self._start = start
        self._match = match
        self.end = end
        self.rank = (end, start, index)

    def is_empty(self) -> bool:
        """Tells whether it has no bytes."""
        return self.end == self._start

    def result(self) -> Expected:
        """Returns what the caller gets; a match of bytes is made now."""
        whole, start = self._whole, self._start
        before, matched = whole[:start], whole[start : self.end]
        match = self._match or re.compile(re.escape(matched)).match(whole, start)
        assert match is not None
        return Expected(self.index, before, matched, match)


class Patterns:
    """The patterns of a call, and how far they have been looked for.

    Attributes:
        owed: Whether something has arrived in which only short matches have been looked for.
    """

    __slots__ = ("_all", "_looked", "_reach", "_regexes", "_texts", "_whole", "owed")

    def __init__(self, patterns: Iterable[bytes | re.Pattern[bytes]]) -> None:
        """Takes what a caller gives.

        Raises:
            TypeError: It is no list of bytes and compiled regexes of bytes.
            OSError: `EINVAL`, because there is none, or one that matches where nothing is.
        """
        if isinstance(patterns, (bytes, bytearray, memoryview, str, re.Pattern)):
            raise TypeError(
                "patterns must be a list of bytes and compiled regexes: put the one into brackets"
            )
        self._all = tuple(patterns)
        self._texts: list[tuple[int, bytes]] = []
        self._regexes: list[tuple[int, re.Pattern[bytes]]] = []
        for index, pattern in enumerate(self._all):
            self._add(index, pattern)
        if not self._all:
            raise errors.invalid("patterns must have at least one")
        self._reach = max((len(text) - 1 for _, text in self._texts), default=0)
        if self._regexes:
            self._reach = max(self._reach, 2 * _WINDOW)  # and the same again for a look behind
        self._whole = 0
        self._looked = monotonic()
        self.owed = False

    def _add(self, index: int, pattern: object) -> None:
        if isinstance(pattern, bytes):
            if not pattern:
                raise errors.invalid(f"patterns[{index}] must have at least one byte")
            self._texts.append((index, pattern))
        elif isinstance(pattern, re.Pattern):
            if isinstance(pattern.pattern, str):
                raise TypeError(
                    f"patterns[{index}] is a regex of str, and what arrives is bytes: compile it"
                    ' from bytes, as in re.compile(rb"...")'
                )
            if pattern.search(b""):
                raise _empty_error(index)
            self._regexes.append((index, pattern))
        else:
            raise TypeError(
                f"patterns[{index}] must be bytes or a compiled regex of bytes,"
                f" not {type(pattern).__name__}"
            )

    def resumed(self, sought: object) -> Patterns:
        """Returns what an earlier call has sought, if it is the same, and this if it is not."""
        same = isinstance(sought, Patterns) and sought._all == self._all
        return sought if same and isinstance(sought, Patterns) else self

    def first(self, queue: ByteQueue, following: bytes, limit: int) -> Found | None:
        """Looks for the first match in what has arrived since the last look.

        Args:
            queue: What is here; it remembers what was searched.
            following: What comes next and is not here.
            limit: How many bytes from the beginning on may belong to a match.

        Returns:
            The match, if there is one that is not very long; or whatever a look at all has found.
        """
        size = queue.size()
        there = min(size + len(following), limit)
        searched = queue.searched if queue.sought is self else 0
        if not searched:
            self._whole = 0
        begin = max(0, searched - self._reach)
        found = None
        if not begin:
            found = self._look_at_all(queue, following, there)
        else:
            self.owed = bool(self._regexes)
            recent = (queue.since(begin) + following)[: there - begin]
            if self._is_in(recent, searched - begin) or (self.owed and there >= 2 * self._whole):
                found = self._look_at_all(queue, following, there)
        if found is None:
            queue.sought = self
            queue.searched = min(size, there)
        return found

    def rest(self, queue: ByteQueue, limit: int, *, now: bool) -> Found | None:
        """Looks for a match wherever that is still owed.

        Args:
            queue: What is here.
            limit: As for `first`.
            now: Whether it cannot wait. If it can, it is not done for every byte that comes.
        """
        if not self.owed or not (now or monotonic() - self._looked >= PAUSE / 1000):
            return None
        return self._look_at_all(queue, b"", min(queue.size(), limit))

    def _is_in(self, recent: bytes, searched: int) -> bool:
        """Tells whether one of the patterns is in what follows `searched` bytes, or ends there."""
        return any(
            recent.find(text, max(0, searched - len(text) + 1)) >= 0 for _, text in self._texts
        ) or any(regex.search(recent, max(0, searched - _WINDOW)) for _, regex in self._regexes)

    def _look_at_all(self, queue: ByteQueue, following: bytes, there: int) -> Found | None:
        whole = queue.first(there)
        if len(whole) < there:
            whole += following[: there - len(whole)]
        every: list[Found] = []
        end = there
        for index, text in self._texts:
            start = whole.find(text, 0, end)
            if start >= 0:
                end = start + len(text)  # what counts ends no later
                every.append(Found(index, whole, start, end))
        for index, regex in self._regexes:
            match = regex.search(whole)
            if match is not None:
                every.append(Found(index, whole, match.start(), match.end(), match))
        if self._regexes:
            self._whole = there
            self._looked = monotonic()
            self.owed = False
        found = min(every, key=attrgetter("rank"), default=None)
        if found is not None and found.is_empty():
            raise _empty_error(found.index)
        return found


def _empty_error(index: int) -> OSError:
    """Returns the error for a pattern that has matched no bytes: it would do so for ever."""
    return errors.invalid(
        f"patterns[{index}] matches where nothing is, and so at once: it must need at least one"
        " byte of its own"
    )
