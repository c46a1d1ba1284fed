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

from __future__ import annotations

import errno
from abc import ABCMeta, abstractmethod
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import chain

from nimnet_runtime.forks import Heir
from nimnet_runtime.system import get_ident

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

LINE_FEED: Final = 0x0A
_SMALL: Final = 16 * 1024
"""Pieces below this size are put together, each with those before it that are no larger."""

_NO_MEMORY = memoryview(b"")


class _Tenant:
    """The thread that reads into a place, and whether a fork has left it behind.

    Apart from the place, so that the `Heir` which the place keeps does not keep the place.
    """

    __slots__ = ("_owner", "gone")

    def __init__(self) -> None:
        """It is this thread."""
        self._owner = get_ident()
        self.gone = False

    @property
    def inside(self) -> None:
        """See `Inherited`: it has no lock."""

    def forget_other_threads(self) -> None:
        """See `Inherited`."""
        # Once and for all: a new thread may come to have the number.
        self.gone = self.gone or self._owner != get_ident()


class Place:
    """Memory of its own for one large read, so that its result need not be put together.

    In the child of a fork it is nobody's if another thread was reading: that one's view of it is
    never released there.

    Attributes:
        file: The memory. Its pages are the system's until they are written to.
        filled: How many bytes of it are in use, without `counts`.
        counts: What a stream said that it has written since.
    """

    __slots__ = ("_heir", "_tenant", "counts", "file", "filled")

    def __init__(self, size: int) -> None:
        """Allocates all of it, for this thread.

        Raises:
            MemoryError: There is not so much.
        """
        self.file = BytesIO(bytes(size))  # which has it alone, and so fills it in place
        self.filled = 0
        self.counts: list[int] = []
        self._tenant = _Tenant()
        self._heir = Heir(self._tenant)

    def begin(self, parts: Iterable[bytes | memoryview], size: int) -> None:
        """Writes what was here before: `size` bytes, in `parts`."""
        for part in parts:
            self.file.write(part)
        self.filled = size

    def size(self) -> int:
        """Returns how many bytes are in use."""
        return self.filled + sum(self.counts)

    def data(self) -> bytes:
        """Returns what is in use; not a copy, but the memory itself, cut.

        Raises:
            BufferError: It is being written to.
        """
        used = self.size()
        try:
            self.file.truncate(used)
        except BufferError:
            if not self._tenant.gone:
                raise
            return self.file.getvalue()[:used]
        return self.file.getvalue()


class CallersPlace:
    """Memory of the caller's that a read receives to, for as long as nobody else wants the bytes.

    It keeps nobody waiting. Whoever asks for the queue's bytes meanwhile (another thread, a signal
    handler, the child of a fork) gets a copy of those that are here; the read sees that, and what
    it receives later is the queue's as well.

    Attributes:
        view: The memory, exported until this is gone or the read has failed.
        filled: How many bytes of it are in use, without `counts`.
        counts: What a stream said that it has written since.
        given: How many of all these the queue has taken.
        over: Whether the read has ended and left the rest to the queue.
    """

    __slots__ = ("counts", "filled", "given", "over", "view")

    def __init__(self) -> None:
        """Has no memory yet: its owner gives it a view, and then sees to its release."""
        self.view = _NO_MEMORY
        self.filled = 0
        self.counts: list[int] = []
        self.given = 0
        self.over = False

    def begin(self, parts: Iterable[bytes | memoryview], size: int) -> None:
        """Writes what was in the queue before: `size` bytes, in `parts`."""
        position = 0
        for part in parts:
            end = position + len(part)
            self.view[position:end] = part
            position = end
        self.filled = size

    def size(self) -> int:
        """Returns how many bytes are here that the queue has not taken."""
        return self.filled + sum(self.counts) - self.given


class ByteQueue(metaclass=ABCMeta):
    """A queue of bytes, some of which may have been split into lines ahead of their delivery.

    Attributes:
        arrived: Where a stream delivers to; what is in it comes last in the queue. An empty `bytes`
            is the end of the stream, and none of the queue's business.
        split: How many lines were split ahead; 0 where surely none is left.
        ready: How far in `data` bytes can be taken by moving `start` alone; 0 where there is more
            to be seen to.
        place: Where a read receives all that is in the queue; `take_in` takes that back, unless
            there is no memory for it.
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
        self.place: Place | CallersPlace | None = None
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
        place = self.place
        if place is not None:
            if isinstance(place, Place):
                self._take_place(place)
            else:
                self._take_copy(place)
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

    def _take_place(self, place: Place) -> None:
        try:
            data = place.data()
        except BufferError:
            raise OSError(
                errno.EBUSY,
                "a large read of the socket is under way, in another thread or in the call"
                " that a signal handler interrupts",
            ) from None
        self.ready = 0
        self.data = data
        self.place = None

    def _take_copy(self, place: CallersPlace) -> None:
        """Puts a copy of what has come to `place` behind the bytes that are here."""
        over = place.over  # asked first: from then on, no more comes
        while self.place is place and place.size():
            given = place.given
            end = given + place.size()
            try:
                chunk = bytes(place.view[given:end])
            except ValueError:
                return  # the read is over, and has left all of it here
            size = self.size()
            if not size and self.after_cr and chunk.startswith(b"\n"):
                chunk = chunk[1:]
            data = self.first(size) + chunk
            pieces: list[bytes] = []
            # Unless a signal handler or another thread was here meanwhile.
            if self.place is place and place.given == given:
                self.ready = 0
                self.data = data
                self.start = self._piled = self.searched = self.window = 0
                self._pieces = pieces
                self.after_cr = False
                place.given = end
        if over and self.place is place:
            self.place = None

    def move_to(self, place: Place | CallersPlace) -> bool:
        """Moves all that is here to the beginning of `place`, and lets what comes go there.

        Returns:
            False if another place is in use, or a signal handler or another thread has taken some
            of it meanwhile: then nothing has changed.
        """
        size = self.size()
        data, start, piled = self.data, self.start, self._piled
        if size:
            place.begin(self.parts(size), size)
        pieces: list[bytes] = []
        if (
            self.place is not None
            or self.data is not data
            or self.start != start
            or self._piled != piled
            or self.split
        ):
            return False
        self.ready = 0
        self.place = place
        self.data = b""
        self.start = self._piled = self.searched = self.window = 0
        self._pieces = pieces
        return True

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
