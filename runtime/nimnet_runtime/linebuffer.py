"""Bytes that have arrived and were not asked for yet, as bytes and as lines. Pure state, no I/O.

A line ends with LF, CR LF or a bare CR, which are exactly the three ends `bytes.splitlines` knows.
Answers never depend on how the bytes were segmented when they arrived.

Where the bytes are. They are served from one `bytes` object and a position in it. What arrives
while that is not used up follows in pieces, by reference; only small ones are put together, so that
a peer that dribbles costs no more memory than its bytes. What is taken across pieces is joined, and
nothing else of them. Lines are served from a window of the bytes that is split at once, which is
several times faster than searching for each end; they are handed out by one iterator, whose
position is the only record of what was delivered. The window grows while it is used up; a raw read
that goes beyond the next line takes the undelivered rest back and makes the window small again, so
any mixture of lines and raw reads costs a constant amount for each byte.

What interrupts. A signal handler that raises: CPython runs handlers after calls to C functions, at
function entries and at backward jumps. A shortage of memory: any result may be the one there is no
room for, a number included. Methods here therefore compute first and then change the state by
assignments and `del` alone, of which only the first can fail; whatever comes between sees each
change whole or not at all. For the same reason a line is taken by `for line in ahead: return line`
and not by `next`. What the stream delivers is stored by C in `arrived`, from where `take_in` moves
it the same way.

Another thread that closes. It gives the reader a new buffer, and of this one it ends the lines
split ahead, whoever iterates over them (`abandon`); a call that is inside goes on with the rest,
and fails where it would miss those lines.
"""

import errno
from collections import deque
from collections.abc import Iterator
from io import BytesIO
from itertools import chain
from operator import length_hint

from nimnet_runtime.descriptor import interrupted_error

BLANK_LINE = b"\r\n"
"""What is delivered for a line with nothing in it, so that it differs from the end (Nim's net)."""

_LF = 0x0A
_SMALLEST_WINDOW = 16
_FIRST_WINDOW = 128
"""A window that is worth splitting: a run of lines so short is searched for each end."""
_LARGEST_WINDOW = 64 * 1024
_FIRST_SEARCH = 256
_SMALL = 16 * 1024
"""Pieces below this size are put together, each with those before it that are no larger."""


class Place:
    """Memory of its own for one large read, so that its result need not be put together.

    Attributes:
        file: The memory. Its pages are the system's until they are written to.
        filled: How many bytes of it are in use, without `counts`.
        counts: What a stream said that it has written since.
    """

    __slots__ = ("counts", "file", "filled")

    def __init__(self, size: int) -> None:
        """Allocates all of it.

        Raises:
            MemoryError: There is not so much.
        """
        self.file = BytesIO(bytes(size))  # which has it alone, and so fills it in place
        self.filled = 0
        self.counts: list[int] = []

    def data(self) -> bytes:
        """Returns what is in use; not a copy, but the memory itself, cut."""
        self.file.truncate(self.filled + sum(self.counts))
        return self.file.getvalue()


class LineBuffer:
    """A queue of bytes that can also be taken line by line.

    Attributes:
        arrived: Where a stream delivers to; what is in it comes last in the queue. An empty `bytes`
            is the end of the stream, and none of the queue's business.
        ahead: Hands out the lines that were split ahead, as `take_line` would return them. Where
            the limit is not below `longest`, they may be taken from here directly.
        longest: No line of `ahead` is longer.
        split: How many lines were split ahead; 0 where surely none is left.
        place: Where a large read receives all that is in the queue; `take_in` makes an end of it.
        data: The bytes being served; those of the lines split ahead precede `start`.
        start: Where the undelivered bytes of `data` begin.
        window: How much the next call of `take_line` splits ahead, if it is worth it; a
            raw read makes it smaller.
        searched: How many bytes from `start` on, in the pieces as well, are known to hold no line
            end.
        after_cr: Whether the last thing delivered was a line that ended with CR, with nothing
            behind it yet. An LF that comes next belongs to that end and is dropped by `take_in`.
    """

    __slots__ = (
        "_abandoned",
        "_bite",
        "_bite_left",
        "_lines",
        "_pieces",
        "_piled",
        "_split_start",
        "after_cr",
        "ahead",
        "arrived",
        "data",
        "longest",
        "place",
        "searched",
        "split",
        "start",
        "window",
    )

    def __init__(self) -> None:
        """Begins empty."""
        self.arrived: list[bytes] = []
        self._lines: list[bytes] = []
        self.ahead: Iterator[bytes] = iter(self._lines)
        self.longest = 0
        self.split = 0
        self.place: Place | None = None
        self.data = b""
        self.start = 0
        self.window = 0
        self.searched = 0
        self.after_cr = False
        self._split_start = 0
        self._bite = 0
        self._bite_left = 0
        self._pieces: list[bytes] = []
        self._piled = 0
        self._abandoned = False

    def size(self) -> int:
        """Returns how many bytes are here."""
        if self.split:
            self._unsplit()
        return len(self.data) - self.start + self._piled

    def holds_anything(self) -> bool:
        """Tells whether any byte is here; unlike `size` it changes nothing."""
        arrived, place = self.arrived, self.place
        return (
            length_hint(self.ahead) > 0
            or self.start < len(self.data)
            or self._piled > 0
            or (any(arrived) and not (self.after_cr and arrived == [b"\n"]))
            or (place is not None and (place.filled > 0 or any(place.counts)))
        )

    def abandon(self) -> None:
        """Ends `ahead`, also for those who hold it; nothing may be asked of the buffer any more."""
        self._abandoned = True
        deque(self.ahead, 0)  # by C alone: a reader misses all of the lines, or none

    def take_in(self) -> bytes:
        """Appends what has arrived; returns it as it came, `b""` for the end, or for nothing.

        Raises:
            OSError: `EBUSY`, because another call is in a large read.
        """
        if self.place is not None:
            try:
                data = self.place.data()
            except BufferError:  # it is being written to
                raise OSError(
                    errno.EBUSY,
                    "a large read of the socket is under way, in another thread or in the call"
                    " that a signal handler interrupts",
                ) from None
            self.data = data
            self.place = None
        arrived = self.arrived
        if not arrived:
            return b""
        chunk = arrived[0]
        if not chunk:
            del arrived[:]
            return chunk
        size = self.size()
        if not size:
            data = chunk[1:] if self.after_cr and chunk[0] == _LF else chunk
            self.data = data
            self.start = self.searched = 0
            self.after_cr = False
            del arrived[:]
            return chunk
        # Each piece of a long line is searched once, here, and not again with all before it.
        searched = self.searched
        if searched == size and b"\n" not in chunk and b"\r" not in chunk:
            searched += len(chunk)
        pieces, piece = self._pieces, chunk
        first = len(pieces)
        while first and len(pieces[first - 1]) <= len(piece) < _SMALL:
            first -= 1
            piece = pieces[first] + piece
        piled = self._piled + len(chunk)
        pieces[first:] = (piece,)
        self._piled = piled
        self.searched = searched
        del arrived[:]
        return chunk

    def move_to(self, place: Place) -> None:
        """Moves all that is here to the beginning of `place`, and lets what comes go there."""
        size = self.size()
        for part in self.parts(size):
            place.file.write(part)
        pieces: list[bytes] = []
        place.filled = size
        self.place = place
        self.data = b""
        self.start = self._piled = self.searched = self.window = 0
        self._pieces = pieces

    def take(self, size: int) -> bytes:
        """Removes and returns the first `size` bytes, or as many as are here."""
        data, start, pieces, piled = self._beyond(size)
        taken = self.first(size)
        self.data = data
        self.start = start
        self._pieces = pieces
        self._piled = piled
        self.searched = self.window = 0
        return taken

    def take_to(self, target: bytearray, size: int) -> int:
        """As `take`, to replace what is in `target`; where that fails, nothing has changed.

        Returns:
            How many bytes.
        """
        data, start, pieces, piled = self._beyond(size)
        taken = self.first(size)
        count = len(taken)
        target[:] = taken
        self.data = data
        self.start = start
        self._pieces = pieces
        self._piled = piled
        self.searched = self.window = 0
        return count

    def discard(self, size: int) -> int:
        """Removes the first `size` bytes, or as many as are here; returns how many."""
        have = self.size()
        data, start, pieces, piled = self._beyond(size)
        discarded = have - (len(data) - start + piled)
        self.data = data
        self.start = start
        self._pieces = pieces
        self._piled = piled
        self.searched = self.window = 0
        return discarded

    def first(self, size: int) -> bytes:
        """Returns the first `size` bytes, or as many as are here, which stay."""
        data, start = self.data, self.start
        if start + size <= len(data) or not self._piled:
            return data[start : start + size]
        return b"".join(self.parts(size))

    def parts(self, size: int) -> Iterator[bytes | memoryview]:
        """Iterates over the first `size` bytes, or as many as are here, in the pieces they are."""
        start = self.start
        for piece in chain((self.data,), self._pieces):
            if size <= 0:
                return
            whole = start == 0 and len(piece) <= size
            yield piece if whole else memoryview(piece)[start : start + size]
            size -= len(piece) - start
            start = 0

    def _beyond(self, size: int) -> tuple[bytes, int, list[bytes], int]:
        """Returns `data`, `start`, `_pieces` and `_piled` as they are behind `size` bytes."""
        if self.split:
            self._unsplit()
        data, end, pieces, piled = self.data, self.start + size, self._pieces, self._piled
        if end < len(data):
            return data, end, pieces, piled
        used = 0
        for piece in pieces:
            if end < len(data):
                break
            end -= len(data)
            data = piece
            piled -= len(piece)
            used += 1
        if used:
            pieces = pieces[used:]
        if end < len(data):
            return data, end, pieces, piled
        return b"", 0, pieces, piled

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
        if self.split:
            left = length_hint(self.ahead)
            if left and len(line := self._lines[-left]) <= max_length:
                if target is not None:
                    target[:] = line
                for _ in self.ahead:  # pragma: no branch - there is one, unless it was abandoned
                    break
                return line
            self._unsplit()
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
            elif data[after] == _LF:
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
        piled = self._piled - (joined - rest)
        self.data = data
        self.start = 0
        self._pieces = pieces
        self._piled = piled

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
        at_cr = end == len(data) and piece.endswith(b"\r")
        partial = 0
        if at_cr and self._piled:
            partial = len(lines.pop())  # an LF may come first in what follows
            end -= partial + 1
            at_cr = False
        elif not piece.endswith((b"\n", b"\r")):
            partial = len(lines.pop())
            end -= partial
        if b"" in lines:
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
        """Makes the lines that were split ahead and not delivered bytes again."""
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
