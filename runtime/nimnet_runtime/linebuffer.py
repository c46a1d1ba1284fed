"""Bytes that have arrived, line by line. Pure state, no I/O.

A line ends with LF, CR LF or a bare CR, which are exactly the three ends `bytes.splitlines` knows.
Answers never depend on how the bytes were segmented when they arrived.

Lines are served from a window of the bytes that is split at once, which is several times faster
than searching for each end; they are handed out by one iterator, whose position is the only record
of what was delivered. The window grows while it is used up; a raw read that goes beyond the next
line takes the undelivered rest back and makes the window small again, so any mixture of lines and
raw reads costs a constant amount for each byte.

What interrupts: as in `bytequeue`. For the same reason a line is taken by `for line in ahead:
return line` and not by `next`.

Another thread that closes. It gives the reader a new buffer, and of this one it ends the lines
split ahead, whoever iterates over them (`abandon`); a call that is inside goes on with the rest,
and fails where it would miss those lines.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from operator import length_hint

from nimnet_runtime.bytequeue import LINE_FEED, ByteQueue
from nimnet_runtime.descriptor import interrupted_error

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

BLANK_LINE: Final = b"\r\n"
"""What is delivered for a line with nothing in it, so that it differs from the end (Nim's net)."""

_SMALLEST_WINDOW: Final = 16
_FIRST_WINDOW: Final = 128
"""A window that is worth splitting: a run of lines so short is searched for each end."""
_LARGEST_WINDOW: Final = 64 * 1024
_FIRST_SEARCH: Final = 256


class LineBuffer(ByteQueue):
    """A queue of bytes that can also be taken line by line.

    Attributes:
        ahead: Hands out the lines that were split ahead, as `take_line` would return them. Where
            the limit is not below `longest`, they may be taken from here directly.
        longest: No line of `ahead` is longer.
    """

    __slots__ = (
        "_abandoned",
        "_bite",
        "_bite_left",
        "_lines",
        "_split_start",
        "ahead",
        "longest",
    )

    def __init__(self) -> None:
        """Begins empty."""
        super().__init__()
        self._lines: list[bytes] = []
        self.ahead: Iterator[bytes] = iter(self._lines)
        self.longest = 0
        self._split_start = 0
        self._bite = 0
        self._bite_left = 0
        self._abandoned = False

    def holds_anything(self) -> bool:
        """Tells whether any byte is here; unlike `size` it changes nothing."""
        arrived, place = self.arrived, self.place
        return (
            length_hint(self.ahead) > 0
            or self.start < len(self.data)
            or self._piled > 0
            or (any(arrived) and not (self.after_cr and arrived == [b"\n"]))
            or (place is not None and place.size() > 0)
        )

    def abandon(self) -> None:
        """Ends `ahead`, also for those who hold it; nothing may be asked of the buffer any more."""
        self._abandoned = True
        deque(self.ahead, 0)  # by C alone: a reader misses all of the lines, or none

    def bite(self, size: int) -> bytes | None:
        """Takes `size` bytes from within the next line that was split ahead.

        What is left of it stays a line ahead, so that short raw reads between lines (the strings
        of Redis, the chunks of HTTP) do not cost the splitting that was done.

        Returns:
            The bytes; None if they are not all in that line. Then nothing has changed.
        """
        left = length_hint(self.ahead)
        if not left:
            return None
        line = self._lines[-left]
        if size > len(line) or line is BLANK_LINE:
            return None
        taken = line[:size]
        rest = line[size:] or BLANK_LINE
        bitten = size + self._bite if self._bite_left == left else size
        self._lines[-left] = rest
        self._bite = bitten
        self._bite_left = left
        return taken

    def take_line(self, max_length: int, target: bytearray | None = None) -> bytes | None:
        r"""Removes a line with its end and returns it without.

        The byte after the first `max_length` is looked at before a line is cut: a line of exactly
        `max_length` bytes is whole, and of a longer one the rest is the next line.

        Args:
            max_length: The limit.
            target: Holds the line as well afterwards; where that fails, nothing has changed.

        Returns:
            The line; `b"\r\n"` for a blank one; None when its end has not arrived.
        """
        self.ready = 0
        if self.split:
            left = length_hint(self.ahead)
            if left and len(line := self._lines[-left]) <= max_length:
                if target is not None:
                    target[:] = line
                for _ in self.ahead:  # pragma: no branch - there is one, unless it was abandoned
                    break
                return line
            self._unsplit()
        if self.sought is not None:
            self.searched = 0
            self.sought = None
        while True:
            if self._piled and self.searched >= len(self.data) - self.start:
                if self.searched == self.size() <= max_length:
                    return None
                self._join()
            if self.window >= _FIRST_WINDOW and self.searched < self.window:
                self._split(max_length)
                if self.split:
                    return self.take_line(max_length, target)
            found = self._search_line(max_length, target)
            if found is not None or not self._piled:
                return found

    def _search_line(self, max_length: int, target: bytearray | None) -> bytes | None:
        data, start = self.data, self.start
        size = len(data)
        # In steps, because looking for an LF through megabytes of lines that end with CR (or the
        # other way round) would make each line cost as much as all that follow it.
        limit = start + max_length + 1
        if limit > size:
            limit = size  # and not min(), which takes as long as a search
        position = start + self.searched
        step = _FIRST_SEARCH
        end = cr = -1
        while position < limit:
            stop = position + step
            if stop > limit:
                stop = limit
            end = data.find(b"\n", position, stop)
            cr = data.find(b"\r", position, stop if end < 0 else end)
            if cr >= 0:
                end = cr
            if end >= 0:
                break
            position = stop
            step *= 4
        else:
            return self._cut_line(max_length, limit, target)
        line = data[start:end] or BLANK_LINE
        after = end + 1
        pieces, piled, after_cr = self._pieces, self._piled, False
        if cr >= 0:
            if after == size and piled:
                data, pieces, after = pieces[0], pieces[1:], 0
                piled -= len(data)
            if after == len(data):
                after_cr = True
            elif data[after] == LINE_FEED:
                after += 1
        window = 2 * self.window or _SMALLEST_WINDOW
        if target is not None:
            target[:] = line
        self.data = data
        self.start = after
        self._pieces = pieces
        self._piled = piled
        self.searched = 0
        self.after_cr = after_cr
        self.window = window
        return line

    def _cut_line(self, max_length: int, limit: int, target: bytearray | None) -> bytes | None:
        """Takes what a line may have at most where no end was found before `limit`."""
        start = self.start
        searched = max(self.searched, limit - start)
        if searched <= max_length:
            self.searched = searched
            return None
        end = start + max_length
        line = self.data[start:end]
        searched -= max_length
        if target is not None:
            target[:] = line
        self.start = end
        self.searched = searched
        self.window = 0  # splitting ahead would find this long line again for each piece of it
        return line

    def _join(self) -> None:
        """Puts pieces to the rest of `data`, in which the next line does not end.

        At least as much as it is joined with, so that joining costs the same for each byte.
        """
        rest = len(self.data) - self.start
        wanted = rest + max(rest, self.searched - rest + 1)
        used, joined = 0, rest
        for piece in self._pieces:
            if joined >= wanted:
                break
            joined += len(piece)
            used += 1
        data = b"".join((memoryview(self.data)[self.start :], *self._pieces[:used]))
        pieces = self._pieces[used:]
        # Counted anew: were it wrong, because several threads read, this would be done for ever.
        piled = sum(map(len, pieces))
        self.data = data
        self.start = 0
        self._pieces = pieces
        self._piled = piled

    def _split(self, max_length: int) -> None:
        """Splits a window of the bytes into lines, as far as they are whole."""
        data, start = self.data, self.start
        end = start + self.window
        if end < len(data) and data[end] == LINE_FEED:
            end += 1  # never between CR and LF
        piece = data[start:end]
        if not piece:
            return
        end = start + len(piece)
        lines = piece.splitlines()
        at_cr = end == len(data) and piece.endswith(b"\r")
        partial = 0
        if at_cr and self._piled:
            partial = len(lines.pop())  # an LF may come first in what follows
            end -= partial + 1
            at_cr = False
        elif not piece.endswith((b"\n", b"\r")):
            partial = len(lines.pop())
            end -= partial
        if not all(lines):
            lines = [line or BLANK_LINE for line in lines]
        longest = len(piece)
        if lines and longest > max_length:
            longest = max(map(len, lines))
        ahead = iter(lines)
        count = len(lines)
        window = min(2 * self.window, _LARGEST_WINDOW)
        self.window = window
        self.searched = partial
        if count:
            self._lines = lines
            self.ahead = ahead
            self.longest = longest
            self.split = count
            self.start = end
            self.after_cr = at_cr
            self._split_start = start
            self._bite_left = 0

    def _unsplit(self) -> None:
        """See `ByteQueue._unsplit`.

        Raises:
            OSError: Another thread has closed the socket, and what is left may not be all.
        """
        left = length_hint(self.ahead)
        if not left:
            if self._abandoned:
                raise interrupted_error()  # they may not all have been delivered
            self.split = 0
            return
        ended = self.data[self._split_start : self.start].splitlines(keepends=True)
        start = self.start - sum(map(len, ended[-left:]))
        if self._bite_left == left:
            start += self._bite
        del self._lines[:]
        self.split = 0
        self.start = start
        self.searched = self.window = 0
        self.after_cr = False
