"""Bytes that have arrived and were not asked for yet, as bytes and as lines. Pure state, no I/O.

A line ends with LF, CR LF or a bare CR, which are exactly the three ends `bytes.splitlines` knows.
Answers never depend on how the bytes were segmented when they arrived.

Where the bytes are. They are served from one `bytes` object and a position in it. When more is
needed than it holds, what is left moves to a pile (`io.BytesIO`) that grows by what arrives and
becomes the next `bytes` object without being copied. Lines are served from a window of the bytes
that is split at once, which is several times faster than searching for each end; they are handed
out by one iterator, whose position is the only record of what was delivered. The window grows
while it is used up; a raw read that goes beyond the next line takes the undelivered rest back and
makes the window small again, so any mixture of lines and raw reads costs a constant amount for
each byte.

Signal handlers that raise. CPython runs handlers after calls to C functions, at function entries
and at backward jumps. Methods here compute first and then change the state by assignments and
`del` alone, with no call between them, so a handler sees each change whole or not at all. For the
same reason a line is taken by `for line in ahead: return line` and not by `next`.
"""

from collections.abc import Iterator
from io import BytesIO
from operator import length_hint

BLANK_LINE = b"\r\n"
"""What is delivered for a line with nothing in it, so that it differs from the end (Nim's net)."""

_LF = 0x0A
_SMALLEST_WINDOW = 16
_FIRST_WINDOW = 128
"""A window that is worth splitting: a run of lines so short is searched for each end."""
_LARGEST_WINDOW = 64 * 1024
_FIRST_SEARCH = 256


class LineBuffer:
    """A queue of bytes that can also be taken line by line.

    Attributes:
        ahead: Hands out the lines that were split ahead, as `take_line` would return them. Where
            the limit is not below `longest`, they may be taken from here directly.
        longest: No line of `ahead` is longer.
        split: How many lines were split ahead; 0 where surely none is left.
        data: The bytes being served; those of the lines split ahead precede `start`.
        start: Where the undelivered bytes of `data` begin.
        window: How much the next call of `take_line` splits ahead, if it is worth it; a
            raw read makes it smaller.
        searched: How many bytes from `start` on are known to hold no line end.
        after_cr: Whether the last thing delivered was a line that ended with CR, with nothing
            behind it yet. An LF that comes next belongs to that end and is dropped by `feed`.
    """

    __slots__ = (
        "_bite",
        "_bite_left",
        "_lines",
        "_pile",
        "_split_start",
        "after_cr",
        "ahead",
        "data",
        "longest",
        "searched",
        "split",
        "start",
        "window",
    )

    def __init__(self) -> None:
        """Begins empty."""
        self._lines: list[bytes] = []
        self.ahead: Iterator[bytes] = iter(self._lines)
        self.longest = 0
        self.split = 0
        self.data = b""
        self.start = 0
        self.window = 0
        self.searched = 0
        self.after_cr = False
        self._split_start = 0
        self._bite = 0
        self._bite_left = 0
        self._pile: BytesIO | None = None

    def size(self) -> int:
        """Returns how many bytes are here."""
        if self.split:
            self._unsplit()
        if self._pile is not None:
            return self._pile.tell()
        return len(self.data) - self.start

    def holds_anything(self) -> bool:
        """Tells whether any byte is here; unlike `size` it leaves the split lines alone."""
        return length_hint(self.ahead) > 0 or self._pile is not None or self.start < len(self.data)

    def clear(self) -> None:
        """Forgets everything."""
        del self._lines[:]  # which ends `ahead`, also for those who hold it
        self.data = b""
        self.split = self.start = self.window = self.searched = 0
        self.after_cr = False
        self._pile = None

    def feed(self, chunk: bytes) -> None:
        """Appends what arrived."""
        if not chunk:
            return
        if self.after_cr:
            # Nothing is behind the CR, so this is the empty state below.
            if chunk[0] == _LF:
                chunk = chunk[1:]
            self.data = chunk
            self.start = self.searched = 0
            self.after_cr = False
            return
        size = self.size()
        if not size:
            self.data = chunk
            self.start = self.searched = 0
            return
        # Each piece of a long line is searched once, here, and not again with all before it.
        searched = self.searched
        if searched == size and b"\n" not in chunk and b"\r" not in chunk:
            searched += len(chunk)
        pile = self._pile
        if pile is None:
            pile = BytesIO()
            pile.write(memoryview(self.data)[self.start :])
            pile.write(chunk)
            self._pile = pile
            self.data = b""
            self.start = 0
        else:
            pile.write(chunk)
        self.searched = searched

    def take(self, size: int) -> bytes:
        """Removes and returns the first `size` bytes, or as many as are here."""
        self._settle()
        data, start = self.data, self.start
        end = start + size
        taken = data[start:end]
        if end < len(data):
            self.start = end
        else:
            self.data = b""
            self.start = 0
        self.searched = 0
        return taken

    def discard(self, size: int) -> int:
        """Removes the first `size` bytes, or as many as are here; returns how many."""
        self._settle()
        left = len(self.data) - self.start - size
        self.searched = 0
        if left > 0:
            self.start += size
            return size
        self.data = b""
        self.start = 0
        return size + left

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
        self._lines[-left] = line[size:] or BLANK_LINE
        self._bite = size + self._bite if self._bite_left == left else size
        self._bite_left = left
        return taken

    def put_back(self, taken: bytes) -> None:
        """Undoes `take`, before anything else is called."""
        data = taken + self.data[self.start :]
        self.data = data
        self.start = self.searched = 0

    def take_line(self, max_length: int) -> bytes | None:
        r"""Removes a line with its end and returns it without.

        The byte after the first `max_length` is looked at before a line is cut: a line of exactly
        `max_length` bytes is whole, and of a longer one the rest is the next line.

        Returns:
            The line; `b"\r\n"` for a blank one; None when its end has not arrived.
        """
        if self.split:
            left = length_hint(self.ahead)
            if left and len(self._lines[-left]) <= max_length:
                for line in self.ahead:  # pragma: no branch - there is one
                    return line
            self._unsplit()
        if self._pile is not None:
            if self.searched == self._pile.tell() <= max_length:
                return None
            self._unpile()
        if self.window >= _FIRST_WINDOW and self.searched < self.window:
            self._split(max_length)
            if self.longest <= max_length:
                for line in self.ahead:
                    return line
            if self.split:
                self._unsplit()
        return self._search_line(max_length)

    def _search_line(self, max_length: int) -> bytes | None:
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
            return self._cut_line(max_length, limit)
        after = end + 1
        after_cr = cr >= 0 and after == size
        if cr >= 0 and not after_cr and data[after] == _LF:
            after += 1
        line = data[start:end]
        self.start = after
        self.searched = 0
        self.after_cr = after_cr
        self.window = 2 * self.window or _SMALLEST_WINDOW
        return line or BLANK_LINE

    def _cut_line(self, max_length: int, limit: int) -> bytes | None:
        """Takes what a line may have at most where no end was found before `limit`."""
        start = self.start
        searched = max(self.searched, limit - start)
        if searched <= max_length:
            self.searched = searched
            return None
        line = self.data[start : start + max_length]
        self.start = start + max_length
        self.searched = searched - max_length
        self.window = 0  # splitting ahead would find this long line again for each piece of it
        return line

    def _split(self, max_length: int) -> None:
        """Splits a window of the bytes into lines, as far as they are whole."""
        data, start = self.data, self.start
        end = start + self.window
        if end < len(data) and data[end] == _LF:
            end += 1  # never between CR and LF
        piece = data[start:end]
        if not piece:
            return
        end = start + len(piece)
        lines = piece.splitlines()
        partial = 0 if piece.endswith((b"\n", b"\r")) else len(lines.pop())
        end -= partial
        if b"" in lines:
            lines = [line or BLANK_LINE for line in lines]
        longest = len(piece)
        if lines and longest > max_length:
            longest = max(map(len, lines))
        ahead = iter(lines)
        count = len(lines)
        after_cr = end == len(data) and piece.endswith(b"\r")
        window = min(2 * self.window, _LARGEST_WINDOW)
        self.window = window
        self.searched = partial
        if count:
            self._lines = lines
            self.ahead = ahead
            self.longest = longest
            self.split = count
            self.start = end
            self.after_cr = after_cr
            self._split_start = start
            self._bite_left = 0

    def _unsplit(self) -> None:
        """Makes the lines that were split ahead and not delivered bytes again."""
        left = length_hint(self.ahead)
        if not left:
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

    def _settle(self) -> None:
        """Brings all bytes into `data`, for a raw read."""
        if self.split:
            self._unsplit()
        if self._pile is not None:
            self._unpile()
        self.window = 0

    def _unpile(self) -> None:
        assert self._pile is not None
        data = self._pile.getvalue()  # not a copy: BytesIO hands out the object it filled
        self.data = data
        self.start = 0
        self._pile = None
