"""Reads of a size: what makes a socket "buffered".

They are served from what has arrived, and wait for the rest. A large one has a place of its own, or
the caller's memory, which is the buffer's end meanwhile. Only what is skipped without a timeout
passes the buffer by.
"""

from __future__ import annotations

from nimnet_runtime import errors
from nimnet_runtime.buffers import check_buffer, check_resizable, check_room, check_some, exported
from nimnet_runtime.bytequeue import CallersPlace, Place
from nimnet_runtime.deadline import NO_END, QUICK_TIMEOUT, Deadline, within
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.intake import MOST_AT_ONCE, READ_AHEAD
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.searching import Searching
from nimnet_runtime.stream import is_terminal
from nimnet_runtime.system import heed_signals

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

_LARGEST_PLACE: Final = 1 << 30
"""Bytes of memory that a read may ask for before they have come."""


class ReadAhead(Searching):
    """Reads from a stream. For one reading thread at a time."""

    __slots__ = ()

    def receive(self, size: int, timeout: int, flags: int | None) -> bytes:
        """See `Reader.receive`.

        A buffered socket, or a call with a timeout, delivers exactly `size` bytes unless the
        stream ends first. An unbuffered one without a timeout delivers what there is.

        Raises:
            TimeoutError: Fewer bytes came in time; they are kept.
            OSError: The connection failed, the socket is closed, or an argument is wrong.
            SslError: TLS failed.
        """
        # The quick path: a slice of what has arrived.
        if (timeout == NO_END or 0 <= timeout < QUICK_TIMEOUT) and (
            flags is None or flags == SAFE_DISCONN or flags == 0
        ):
            buffer = self._buffer
            start = buffer.start
            end = start + size
            if start < end < buffer.ready:
                taken = buffer.data[start:end]
                buffer.start = end
                return taken
            if buffer.split:
                if size > 0 and (bitten := buffer.bite(size)) is not None:
                    return bitten
            elif start < end < len(buffer.data):
                taken = buffer.data[start:end]
                window = buffer.window >> 1
                buffer.start = end
                buffer.searched = 0
                buffer.window = window
                return taken
        if size < 1:
            self.check_size(size)
        if flags is None:
            flags = self.own_flags
        elif flags != SAFE_DISCONN:
            errors.check_flags(flags)
        deadline = within(timeout, "recv from", self, size)
        buffer = self._buffer
        least = self._least(size, deadline)
        if least > MOST_AT_ONCE and self._find_place(buffer, size):
            return self._receive_in_place(buffer, deadline, flags)
        return self._take(buffer, size, least, deadline, flags)

    def receive_into(self, data: bytearray, size: int, timeout: int, flags: int | None) -> int:
        """See `Reader.receive_into`.

        Raises:
            TimeoutError, OSError, SslError: As `receive`; `OSError` also while a memoryview of
                `data` exists, because it cannot be resized then.
        """
        check_resizable(data)
        self.check_size(size)
        if flags is None:
            flags = self.own_flags
        deadline = self._begun("recv from", size, timeout, flags)
        buffer = self._buffer
        self._gather(buffer, size, self._least(size, deadline), deadline, flags)
        try:
            return buffer.take_to(data, size)
        except BufferError:
            raise exported() from None

    def receive_buffer(self, data: memoryview, size: int, timeout: int) -> int:
        """See `Reader.receive_buffer`; how much it reads follows the rule of `receive`.

        Raises:
            TimeoutError: Fewer bytes came in time. They are kept; what `data` holds is undefined.
            OSError: As `receive`; also if `data` is too small or cannot be written.
            SslError: TLS failed.
        """
        deadline = within(timeout, "recv from", self, size)
        buffer = self._buffer
        least = size if self._buffered else self._least(size, deadline)
        if size >= self._ahead and (
            (least > 0 and not (buffer.data or buffer.arrived or buffer.after_cr or buffer.place))
            or self._wants_more(buffer, least)
        ):
            received = self._receive_direct(buffer, data, size, least, deadline, 0)
            if received >= 0:
                return received
        with check_buffer(data, size) as view:
            if not size:
                self.check_size(size)
            count = self._gather_into(view, buffer, least, deadline, 0)
        return buffer.discard(count)  # the last of all: a signal handler may raise before it

    def receive_or_error(self, data: memoryview, size: int) -> int:
        """See `Reader.receive_or_error`."""
        try:
            return self.receive_buffer(data, size, -1)
        except (OSError, errors.SslError, MemoryError) as error:
            self.last_error = errors.number_of(error)
            return -1

    def receive_some(self, size: int, timeout: int, flags: int | None) -> bytes:
        """See `Reader.receive_some`.

        Raises:
            TimeoutError: Nothing came in time.
            OSError: The connection failed, the socket is closed, or an argument is wrong.
            SslError: TLS failed.
        """
        check_some(size)
        if flags is None:
            flags = self.own_flags
        deadline = self._begun("recv_some from", 0, timeout, flags)
        return self._take(self._buffer, size, 1, deadline, flags)

    def receive_some_into(self, data: memoryview, timeout: int, flags: int | None) -> int:
        """See `Reader.receive_some_into`.

        Raises:
            TimeoutError, OSError, SslError: As `receive_some`; `OSError` also if `data` has no
                room or cannot be written.
        """
        if flags is None:
            flags = self.own_flags
        deadline = self._begun("recv_some from", 0, timeout, flags)
        buffer = self._buffer
        with check_room(data) as view:
            size = len(view)
        if size >= self._ahead and self._wants_more(buffer, 1):
            received = self._receive_direct(buffer, data, size, 1, deadline, flags)
            if received >= 0:
                return received
        with check_buffer(data, size) as view:
            count = self._gather_into(view, buffer, 1, deadline, flags)
        return buffer.discard(count)  # the last of all: a signal handler may raise before it

    def skip(self, size: int, timeout: int) -> int:
        """See `Reader.skip`.

        Without a timeout the bytes pass through a buffer of fixed size, and those that have passed
        stay skipped if a signal handler ends the call. With one they are held until all have come,
        because a call that times out loses nothing.

        Raises:
            TimeoutError: Fewer bytes came in time; they are kept.
            OSError: The connection failed, the socket is closed, or an argument is wrong.
            SslError: TLS failed.
        """
        self.check_size(size)
        deadline = self._begun("skip from", size, timeout, 0)
        buffer = self._buffer
        if deadline.bounded or size <= READ_AHEAD:
            self._gather(buffer, size, size, deadline, 0)
            return buffer.discard(size)
        self._settle_line_end(buffer, deadline)
        skipped = buffer.discard(size)
        waste = memoryview(bytearray(min(size - skipped, MOST_AT_ONCE)))
        counts: list[int] = []
        try:
            while skipped < size:
                self._source(buffer).receive_into(waste[: size - skipped], counts, deadline)
                if not counts[0]:
                    break
                skipped += counts[0]
                del counts[:]
                heed_signals()
        except (OSError, errors.SslError) as error:
            if not skipped or not is_terminal(error):
                raise
        return skipped

    def _least(self, size: int, deadline: Deadline) -> int:
        """Returns how many of `size` bytes a call waits for; see `receive`."""
        return size if self._buffered or deadline.own or size < 1 else 1

    def _take(
        self, buffer: LineBuffer, size: int, least: int, deadline: Deadline, flags: int
    ) -> bytes:
        """Takes `least` to `size` bytes, fewer if the stream ends."""
        came = 0
        if least and not (buffer.data or buffer.arrived or buffer.after_cr or buffer.place):
            # The quick path: nothing is here, and what comes at once is often all.
            wanted = size if size > self._ahead else self._ahead
            taken = self._receive(buffer, wanted, deadline, flags)
            if buffer is not self._buffer:
                self._source(buffer)  # wrapped in this moment: what came is the handshake's
            came = len(taken)
            if not came or least <= came <= size:
                # What is taken is lost if a handler raises; and one that reads may have had it.
                heed_signals()
                if buffer.arrived and buffer.arrived[0] is taken:
                    del buffer.arrived[0]
                    return taken
                came = 0
        self._gather(buffer, size, least, deadline, flags, came)
        return buffer.take(size)

    def _find_place(self, buffer: LineBuffer, size: int) -> bool:
        """Gives the buffer a place for `size` bytes, if there is one and it is worth while."""
        buffer.take_in()
        if size > _LARGEST_PLACE or buffer.size() > MOST_AT_ONCE or buffer.after_cr:
            return False
        try:
            return buffer.move_to(Place(size))
        except MemoryError:
            return False  # what comes may be less, or comes too late

    def _receive_in_place(self, buffer: LineBuffer, deadline: Deadline, flags: int) -> bytes:
        """Fills the buffer's place, unless the stream ends first; returns what is in it."""
        place = buffer.place
        assert isinstance(place, Place)
        had = place.filled
        try:
            with place.file.getbuffer() as view:
                while place.filled < len(view):
                    if deadline.bounded:
                        self._check(buffer, deadline, place.filled - had)
                    with view[place.filled : place.filled + MOST_AT_ONCE] as rest:
                        self._source(buffer).receive_into(rest, place.counts, deadline)
                    if not place.counts[0]:
                        break
                    filled = place.filled + place.counts[0]
                    place.filled = filled
                    del place.counts[:]
                    heed_signals()
            data = place.data()
        except BaseException as error:
            buffer.take_in()
            number = error.errno if isinstance(error, OSError) else None
            ended = errors.is_disconnection_error(flags, number or 0)
            if not (ended or (place.filled and is_terminal(error))):
                raise
            return buffer.take(place.filled)
        buffer.place = None
        return data

    def _wants_more(self, buffer: LineBuffer, least: int) -> bool:
        """Tells whether fewer than `least` bytes are here, and nothing is to be seen to first."""
        if buffer.arrived or buffer.place is not None:
            buffer.take_in()
        have = buffer.size()
        # It may still be another call's place; and an LF that belongs to a line is not delivered.
        return have < least and buffer.place is None and (have > 0 or not buffer.after_cr)

    def _receive_direct(
        self,
        buffer: LineBuffer,
        data: memoryview,
        size: int,
        least: int,
        deadline: Deadline,
        flags: int,
    ) -> int:
        """Receives `least` to `size` bytes to `data` itself, fewer if the stream ends.

        If the call fails, what has come is the buffer's.

        Returns:
            How many bytes; -1 if the call has to go on by way of the buffer, because somebody else
            has taken some of them meanwhile, or a failure follows that delivers them first.
        """
        place = CallersPlace()
        filled = had = 0
        view = check_buffer(data, size)
        place.view = view
        try:
            if not (buffer.data or buffer.place):
                buffer.place = place
            elif buffer.move_to(place):
                filled = had = place.filled
            else:
                view.release()
                return -1
            while filled < least and not place.given:
                if deadline.bounded:
                    self._check(buffer, deadline, filled - had)
                # In this order, as in `_receive`.
                stream = self.stream
                if buffer is not self._buffer:
                    stream = self._source(buffer)
                if filled or size > MOST_AT_ONCE:
                    with view[filled : filled + MOST_AT_ONCE] as rest:
                        stream.receive_into(rest, place.counts, deadline)
                else:
                    stream.receive_into(view, place.counts, deadline)
                if buffer is not self._buffer:
                    self._source(buffer)  # wrapped in this moment: it is the handshake's
                count = place.counts[0]
                if not count:
                    break
                filled += count
                place.filled = filled
                del place.counts[:]
                heed_signals()
            # No call from here on: until then, a signal handler may take of it, or raise.
            if not place.given:
                buffer.place = None
                return filled
        except BaseException as error:
            self._give_back(buffer, place)
            number = error.errno if isinstance(error, OSError) else None
            ended = errors.is_disconnection_error(flags, number or 0)
            if not (ended or (filled and is_terminal(error))):
                raise
            return -1
        self._give_back(buffer, place)
        return -1

    def _give_back(self, buffer: LineBuffer, place: CallersPlace) -> None:
        """Leaves what has come to the buffer, and the memory to the caller."""
        place.over = True
        buffer.take_in()
        place.view.release()

    def _gather_into(
        self, view: memoryview, buffer: LineBuffer, least: int, deadline: Deadline, flags: int
    ) -> int:
        """As `_gather`, and writes the bytes, which stay in the buffer, to `view`.

        Returns:
            How many.
        """
        size = len(view)
        if buffer is not self._buffer:
            self._source(buffer)  # wrapped since the call began: what has come is the handshake's
        self._gather(buffer, size, least, deadline, flags)
        position = 0
        for part in buffer.parts(size):
            end = position + len(part)
            view[position:end] = part
            position = end
        return position
