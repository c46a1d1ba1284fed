"""Bytes that have arrived and were not asked for yet. Pure state, no I/O.

Where the bytes are. They are served from one `bytes` object and a position in it. What arrives
while that is not used up follows in pieces, by reference; only small ones are put together, so that
a peer that dribbles costs no more memory than its bytes. What is taken across pieces is joined, and
nothing else of them.

What interrupts. A signal handler that raises (see nimnet_runtime.__init__), or a shortage of
memory: any result may be the one there is no room for, a number included. Methods here therefore
compute first and then change the state by assignments and `del` alone, of which only the first can
fail; whatever comes between sees each change whole or not at all. What the stream delivers is
stored by C in `arrived`, from where `take_in` moves it the same way.
"""

import errno
from abc import ABC, abstractmethod
from collections.abc import Iterator
from io import BytesIO
from itertools import chain

LINE_FEED = 0x0A
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


class ByteQueue(ABC):
    """A queue of bytes, some of which may have been split into lines ahead of their delivery.

    Attributes:
        arrived: Where a stream delivers to; what is in it comes last in the queue. An empty `bytes`
            is the end of the stream, and none of the queue's business.
        split: How many lines were split ahead; 0 where surely none is left.
        ready: How far in `data` bytes can be taken by moving `start` alone; 0 where there is more
            to be seen to.
        place: Where a large read receives all that is in the queue; `take_in` makes an end of it,
            unless there is no memory for that.
        data: The bytes being served; those of the lines split ahead precede `start`.
        start: Where the undelivered bytes of `data` begin.
        window: How much is worth being split ahead; to take bytes makes it small again.
        searched: How many bytes from `start` on, in the pieces as well, are known not to hold what
            is `sought`.
        sought: What they were searched for: None is a line's end.
        after_cr: Whether the last thing delivered was a line that ended with CR, with nothing
            behind it yet. An LF that comes next belongs to that end and is dropped by `take_in`.
    """

    __slots__ = (
        "_pieces",
        "_piled",
        "after_cr",
        "arrived",
        "data",
        "place",
        "ready",
        "searched",
        "sought",
        "split",
        "start",
        "window",
    )

    def __init__(self) -> None:
        """Begins empty."""
        self.arrived: list[bytes] = []
        self.split = 0
        self.place: Place | None = None
        self.data = b""
        self.start = 0
        self.ready = 0
        self.window = 0
        self.searched = 0
        self.sought: object = None
        self.after_cr = False
        self._pieces: list[bytes] = []
        self._piled = 0

    @abstractmethod
    def _unsplit(self) -> None:
        """Makes the lines that were split ahead and not delivered bytes again."""

    def size(self) -> int:
        """Returns how many bytes are here."""
        if self.split:
            self._unsplit()
        return len(self.data) - self.start + self._piled

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
            self.ready = 0
            self.data = data
            self.place = None
        arrived = self.arrived
        if not arrived:
            return b""
        self.ready = 0
        chunk = arrived[0]
        if not chunk:
            del arrived[:]
            return chunk
        # Most often nothing is here: that is asked without a call.
        size = self.size() if self.split or self._piled else len(self.data) - self.start
        if not size:
            data = chunk[1:] if self.after_cr and chunk[0] == LINE_FEED else chunk
            self.data = data
            self.start = self.searched = 0
            self.after_cr = False
            del arrived[:]
            return chunk
        # Each piece of a long line is searched once, here, and not again with all before it.
        searched = self.searched
        if searched == size and self.sought is None and b"\n" not in chunk and b"\r" not in chunk:
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
        self.ready = 0
        place.filled = size
        self.place = place
        self.data = b""
        self.start = self._piled = self.searched = self.window = 0
        self._pieces = pieces

    def take(self, size: int) -> bytes:
        """Removes and returns the first `size` bytes, or as many as are here."""
        if len(self.data) <= size and not (self.start or self.split or self._piled):
            # The quick path: all that is here, as it came.
            taken = self.data
            self.ready = 0
            self.data = b""
            self.searched = self.window = 0
            return taken
        data, start, pieces, piled = self._beyond(size)
        taken = self.first(size)
        ready = len(data)
        self.data = data
        self.start = start
        self._pieces = pieces
        self._piled = piled
        self.searched = self.window = 0
        self.ready = ready
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

    def since(self, position: int) -> bytes:
        """Returns the bytes from `position` on, which stay; it costs no more than they do."""
        data, start = self.data, self.start
        wanted = len(data) - start + self._piled - position
        parts: list[bytes] = []
        for piece in reversed(self._pieces):
            if wanted <= 0:
                break
            parts.append(piece[-wanted:])
            wanted -= len(piece)
        if wanted > 0:
            parts.append(data[len(data) - wanted :])
        parts.reverse()
        return b"".join(parts)

    def take_until(self, delimiter: bytes, max_length: int) -> bytes | None:
        """Removes and returns the bytes through the first `delimiter`.

        Where it does not end within `max_length` bytes, it is that many of them, without the
        beginning of a delimiter at their end: the next call is to see it whole.

        Returns:
            The bytes; None when neither the delimiter nor so many have arrived.
        """
        end = self._find(delimiter, max_length)
        if end < 0:
            if self.size() < max_length:
                return None
            end = max_length - _begun(delimiter, self.first(max_length))
        return self.take(end)

    def share_until(self, delimiter: bytes, following: bytes) -> int:
        """Returns how many of the bytes that follow belong to those through a `delimiter`.

        It is not among the bytes that are here, but may have begun there.
        """
        before = self.since(max(0, self.size() - len(delimiter) + 1))
        found = (before + following).find(delimiter)
        return len(following) if found < 0 else found + len(delimiter) - len(before)

    def _find(self, delimiter: bytes, limit: int) -> int:
        """Finds where `delimiter` ends within `limit` bytes; -1 if it does not.

        What was searched in vain for the same is not searched again.
        """
        self.ready = 0
        size = self.size()
        searched = self.searched if self.sought == delimiter else 0
        begin = max(0, searched - len(delimiter) + 1)
        if self._piled:
            found = self.since(begin).find(delimiter, 0, max(0, limit - begin))
        else:
            start = self.start + begin
            found = self.data.find(delimiter, start, self.start + limit)
            if found >= 0:
                found -= start
        if found >= 0:
            return begin + found + len(delimiter)
        searched = max(searched, min(size, limit))
        self.sought = delimiter
        self.searched = searched
        return -1

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
        self.ready = 0
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


def _begun(delimiter: bytes, text: bytes) -> int:
    """Returns how many bytes at the end of `text` may be the beginning of `delimiter`."""
    longest = min(len(delimiter) - 1, len(text))
    sizes = (size for size in range(longest, 0, -1) if text.endswith(delimiter[:size]))
    return next(sizes, 0)
