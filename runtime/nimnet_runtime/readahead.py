"""Read-ahead: what makes a socket "buffered", and lines on any stream.

A buffered socket takes from the system what has arrived, up to 64 KiB at a time, and serves reads
from it. An unbuffered one takes only what a call asked for; a line is looked at first (peek) and
then taken exactly through its end. Both keep here what a call took that could not be finished (a
timeout, a signal handler that raised, no memory, an end inside a line), and the next call begins
with it.

The stream delivers to the buffer, which bytes leave only with the result, so there is nothing to
put back when a call fails. A large read has a place of its own, or the caller's memory, which is
the buffer's end meanwhile. Only what is skipped without a timeout passes it by. Where a failure of
the connection follows bytes that a call would deliver, they are delivered first: the stream reports
the failure again.
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from operator import length_hint

from nimnet_runtime import errors
from nimnet_runtime.buffers import (
    as_bytes,
    check_buffer,
    check_resizable,
    check_room,
    check_some,
    exported,
)
from nimnet_runtime.bytequeue import CallersPlace, Place
from nimnet_runtime.deadline import NOW, Deadline, check_timeout, patience, within
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.reader import Expected, Reader
from nimnet_runtime.stream import Stream, is_terminal, retired_error
from nimnet_runtime.system import heed_signals

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import re
    from typing import Final

    from nimnet_runtime.patterns import Found, Patterns

_READ_AHEAD: Final = 64 * 1024
"""Bytes that a buffered socket asks for when less is needed."""
_MOST: Final = 1024 * 1024
"""Bytes asked for at once in a large read; measured as fast as reading into place."""
_LARGEST_PLACE: Final = 1 << 30
"""Bytes of memory that a read may ask for before they have come."""
_GLANCE: Final = 4096
"""Bytes looked at when an unbuffered socket searches the end of a line."""
_NO_END: Final = -1
"""The timeout that is none. To ask whether a timeout *is* it costs no more than to compare the two,
and leaves out -1.0."""
_QUICK_TIMEOUT: Final = 2**30
"""Timeouts below it are known to be valid without making a `Deadline`."""


class ReadAhead(Reader):
    """Reads from a stream. For one reading thread at a time."""

    __slots__ = ("_ahead", "_buffer", "_buffered", "_limit")

    def __init__(self, stream: Stream, buffered: bool) -> None:
        """Reads from `stream`.

        Args:
            stream: May be replaced (attribute `stream`) before data flows.
            buffered: Whether bytes may be taken from the system before a call asks for them.
        """
        super().__init__(stream)
        self._buffer = LineBuffer()
        self._buffered = buffered
        self._ahead = _READ_AHEAD if buffered else 0  # for reads that want less
        self._limit = 0  # the greatest length of a line that was last found to be right

    def close(self) -> None:
        """Forgets what has arrived, so that every later read asks the (closed) stream."""
        super().close()
        self._renew()

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
        if (timeout == _NO_END or 0 <= timeout < _QUICK_TIMEOUT) and (
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
        if least > _MOST and self._find_place(buffer, size):
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

    def recv_line(self, timeout: int, flags: int | None, max_length: int) -> bytes:
        """See `Reader.recv_line`.

        A partial line at the end stays readable by `receive`. A line longer than `max_length`
        gives its first `max_length` bytes; the rest is the next line's.

        Raises:
            TimeoutError: The line's end did not come in time; what came is kept.
            OSError: The connection failed, the socket is closed, or an argument is wrong.
            SslError: TLS failed.
        """
        # The quick path: a line that has arrived, at best one that was split ahead.
        if (
            (timeout == _NO_END or (type(timeout) is int and 0 <= timeout < _QUICK_TIMEOUT))
            and (flags is None or flags == SAFE_DISCONN or flags == 0)
            and max_length == self._limit
        ):
            buffer = self._buffer
            if buffer.longest <= max_length:
                for line in buffer.ahead:
                    return line
            found = buffer.take_line(max_length)
            if found is not None:
                return found
        return self._one_line("recv_line from", timeout, flags, max_length)

    def _one_line(self, call: str, timeout: int, flags: int | None, max_length: int) -> bytes:
        if flags is None:
            flags = self.own_flags
        deadline = self._line_begun(call, timeout, flags, max_length)
        return self._line(self._buffer, deadline, flags, max_length)

    def read_line(self, line: bytearray, timeout: int, flags: int | None, max_length: int) -> None:
        """See `Reader.read_line`.

        Raises:
            TimeoutError, OSError, SslError: As `recv_line`; `OSError` also while a memoryview of
                `line` exists, because it cannot be resized then.
        """
        check_resizable(line)
        try:
            # The quick path, as in `recv_line`.
            if (
                (timeout == _NO_END or (type(timeout) is int and 0 <= timeout < _QUICK_TIMEOUT))
                and (flags is None or flags == SAFE_DISCONN or flags == 0)
                and max_length == self._limit
                and self._buffer.take_line(max_length, line)
            ):
                return
            if flags is None:
                flags = self.own_flags
            deadline = self._line_begun("read_line from", timeout, flags, max_length)
            if not self._line(self._buffer, deadline, flags, max_length, line):
                line.clear()
        except BufferError:
            raise exported() from None

    def receive_until(
        self,
        delimiter: bytes | bytearray | memoryview,
        timeout: int,
        flags: int | None,
        max_length: int,
    ) -> bytes:
        """See `Reader.receive_until`.

        What has no delimiter within `max_length` bytes is cut there, or before what may be the
        beginning of one. At the end of the stream what came stays readable by `receive`.

        Raises:
            TimeoutError: The delimiter did not come in time; what came is kept.
            OSError: The connection failed, the socket is closed, or an argument is wrong.
            SslError: TLS failed.
        """
        buffer = self._buffer
        # The quick path: what has arrived, and was not searched before.
        if (
            (timeout == -1 or 0 <= timeout < _QUICK_TIMEOUT)
            and (flags is None or flags == SAFE_DISCONN or flags == 0)
            and type(delimiter) is bytes
            and max_length >= len(delimiter) > 0
            and not (buffer.split or buffer.searched)
        ):
            start = buffer.start
            end = buffer.data.find(delimiter, start, start + max_length) + len(delimiter)
            if start < end < len(buffer.data) and end >= start + len(delimiter):
                taken = buffer.data[start:end]
                window = buffer.window >> 1
                buffer.start = end
                buffer.window = window
                return taken
        if flags is None:
            flags = self.own_flags
        with as_bytes(delimiter) as view:
            text = bytes(view)
        if not text:
            raise errors.invalid("delimiter must have at least one byte")
        if max_length < len(text):
            raise errors.invalid(
                f"max_length must be {len(text)} or more, which is the length of delimiter,"
                f" not {errors.spelled(max_length)}"
            )
        deadline = self._begun("recv_until from", 0, timeout, flags)
        return self._until(buffer, text, deadline, flags, max_length)

    def expect(
        self,
        patterns: Iterable[bytes | re.Pattern[bytes]],
        timeout: int,
        flags: int | None,
        max_length: int,
    ) -> Expected | None:
        """See `Reader.expect`; `nimnet_runtime.patterns` tells which match that is.

        At the end of the stream, and where the call fails, what came stays.

        Raises:
            TypeError: `patterns` is no list of bytes and compiled regexes of bytes.
            TimeoutError: Nothing matched in time.
            OSError: `EMSGSIZE`, because nothing matches within `max_length` bytes. Or the
                connection failed, the socket is closed, or an argument is wrong.
            SslError: TLS failed.
        """
        from nimnet_runtime.patterns import PAUSE, Patterns  # and `re` with it, when it is needed

        if flags is None:
            flags = self.own_flags
        sought = Patterns(patterns)
        deadline = self._line_begun("expect from", timeout, flags, max_length)
        buffer = self._buffer
        buffer.take_in()
        sought = sought.resumed(buffer.sought)
        found = self._expected(buffer, sought, deadline, PAUSE, flags, max_length)
        if found is None:
            return None
        result = found.result()
        buffer.discard(found.end)
        return result

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
        if deadline.bounded or size <= _READ_AHEAD:
            self._gather(buffer, size, size, deadline, 0)
            return buffer.discard(size)
        self._settle_line_end(buffer, deadline)
        skipped = buffer.discard(size)
        waste = memoryview(bytearray(min(size - skipped, _MOST)))
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

    def read_ahead(self) -> tuple[bytes, bool]:
        """See `Reader.read_ahead`."""
        buffer = self._buffer
        buffer.take_in()
        return buffer.first(buffer.size()), buffer.after_cr

    def settle_line_end(self) -> None:
        """See `Reader.settle_line_end`."""
        buffer = self._buffer
        try:
            self._settle_line_end(buffer, NOW)
        except OSError:
            return  # nothing has come, or nothing ever will

    def follow(self, stream: Stream) -> Callable[[], None]:
        """See `Reader.follow`."""
        stream.look_ahead(self._buffered)
        buffer, fresh = self._buffer, LineBuffer()
        self._buffer = fresh
        self.stream = stream
        return buffer.abandon

    def has_data_buffered(self) -> bool:
        """See `Reader.has_data_buffered`."""
        return self._buffer.holds_anything() or self.stream.pending() > 0

    def lines(self, timeout: int, flags: int | None, max_length: int) -> Iterator[bytes]:
        """See `Reader.lines`. An iteration that raised can be continued.

        Raises:
            OSError: An argument is wrong.
        """
        check_timeout(timeout)
        errors.check_flags(self.own_flags if flags is None else flags)
        check_length(max_length)
        # What was split ahead is iterated over by C alone, and still belongs to the buffer. Not a
        # generator: one that let a TimeoutError out would be over, and be taken for the end of
        # the stream when asked again.
        lines = _Lines(self, timeout, flags, max_length)
        return chain.from_iterable(iter(lines.batch, None))

    def next_lines(self, max_length: int) -> Iterator[bytes] | None:
        """Returns the lines that were split ahead, if there are some and none is too long."""
        buffer = self._buffer
        if buffer.longest <= max_length and length_hint(buffer.ahead):
            return buffer.ahead
        return None

    def next_line(self, timeout: int, flags: int | None, max_length: int) -> bytes:
        """As `recv_line`, for an iteration."""
        line = self._buffer.take_line(max_length)
        if line is None:
            heed_signals()  # which of what iterates over this, `list` among others, does not
            line = self._one_line("lines from", timeout, flags, max_length)
        return line

    def came(self, goal: int) -> str:
        """Returns how much is here, of `goal` bytes or of what has no size; see `deadline`."""
        buffer = self._buffer
        have = buffer.size()
        if buffer.place is not None:
            have += buffer.place.size()
        if not have:
            return "nothing had come"
        count = f"{have} of {goal}" if goal else f"{have}"
        return f"{count} bytes had come; they stay for the next call"

    def _begun(self, call: str, goal: int, timeout: int, flags: int) -> Deadline:
        errors.check_flags(flags)
        return within(timeout, call, self, goal)

    def _line_begun(self, call: str, timeout: int, flags: int, max_length: int) -> Deadline:
        errors.check_int("timeout", timeout)
        errors.check_int("max_length", max_length)
        check_length(max_length)
        self._limit = max_length
        errors.check_flags(flags)
        return within(timeout, call, self)

    def _renew(self) -> None:
        """Begins a new buffer, and leaves the old one to a call that may be inside."""
        buffer = self._buffer
        self._buffer = LineBuffer()
        buffer.abandon()

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

    def _gather(
        self,
        buffer: LineBuffer,
        size: int,
        least: int,
        deadline: Deadline,
        flags: int,
        came: int = 0,
    ) -> None:
        """Brings `least` of at most `size` bytes into the buffer, fewer if the stream ends.

        Args:
            buffer: The buffer.
            size: How many the call wants.
            least: How many it waits for.
            deadline: Ends the waiting.
            flags: Those of the call.
            came: How many of those that have arrived did so in this call.
        """
        if buffer.arrived or buffer.place is not None:
            buffer.take_in()
        have = buffer.size()
        had = have - came
        # A large read asks for no more than itself.
        ahead = self._ahead if size < self._ahead else 0
        try:
            while have < least:
                if deadline.bounded:
                    self._check(buffer, deadline, have - had)
                wanted = size - have
                if wanted < ahead:
                    wanted = ahead
                elif wanted > _MOST:
                    wanted = _MOST
                if not self._fetch(buffer, wanted, deadline, flags):
                    return
                heed_signals()  # before anything is taken, which is lost if a handler raises
                have = buffer.size()
        except (OSError, errors.SslError) as error:
            if not have or not is_terminal(error):
                raise

    def _find_place(self, buffer: LineBuffer, size: int) -> bool:
        """Gives the buffer a place for `size` bytes, if there is one and it is worth while."""
        buffer.take_in()
        if size > _LARGEST_PLACE or buffer.size() > _MOST or buffer.after_cr:
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
                    with view[place.filled : place.filled + _MOST] as rest:
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
                if filled or size > _MOST:
                    with view[filled : filled + _MOST] as rest:
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

    def _settle_line_end(self, buffer: LineBuffer, deadline: Deadline) -> None:
        """After a line that ended with CR, sees to an LF that belongs to it.

        For reads that bypass the buffer, which does this itself for what it takes in.
        """
        buffer.take_in()
        if not buffer.size() and buffer.after_cr:
            self._fetch(buffer, 1, deadline, 0)

    def _line(
        self,
        buffer: LineBuffer,
        deadline: Deadline,
        flags: int,
        max_length: int,
        target: bytearray | None = None,
    ) -> bytes:
        taken = 0
        buffer.take_in()
        while (line := buffer.take_line(max_length, target)) is None:
            if deadline.bounded:
                self._check(buffer, deadline, taken)
            if self._buffered:
                size = _READ_AHEAD
            else:
                room = max_length - buffer.size()
                # Two more: the byte after the limit, and the LF of a CR LF there.
                glance = self._glance(buffer, min(room + 2, _GLANCE), deadline, flags)
                if not glance:
                    return b""
                size = _share_of_line(glance, room)
                if not size:
                    if target is not None:
                        buffer.take_to(target, max_length)
                        return glance  # not the line, but something: this is no end
                    return buffer.take(max_length)
            chunk = self._fetch(buffer, size, deadline, flags)
            if not chunk:
                return b""
            taken += len(chunk)
            heed_signals()  # before the line is taken: what is taken is lost if a handler raises
        return line

    def _until(
        self, buffer: LineBuffer, delimiter: bytes, deadline: Deadline, flags: int, max_length: int
    ) -> bytes:
        taken = 0
        buffer.take_in()
        while (found := buffer.take_until(delimiter, max_length)) is None:
            if deadline.bounded:
                self._check(buffer, deadline, taken)
            if self._buffered:
                size = _READ_AHEAD
            else:
                room = max_length - buffer.size()
                glance = self._glance(buffer, min(room, _GLANCE), deadline, flags)
                if not glance:
                    return b""
                size = buffer.share_until(delimiter, glance)
            more = self._fetch(buffer, size, deadline, flags)
            if not more:
                return b""
            taken += len(more)
            heed_signals()
        return found

    def _expected(
        self,
        buffer: LineBuffer,
        sought: Patterns,
        deadline: Deadline,
        pause: int,
        flags: int,
        max_length: int,
    ) -> Found | None:
        """Returns the first match, whose bytes are in the buffer; None at the end of the stream."""
        taken, found = 0, sought.first(buffer, b"", max_length)
        while found is None:
            if taken:
                heed_signals()
            have = buffer.size()
            if have >= max_length:
                found = sought.rest(buffer, max_length, now=True)
                if found is not None:
                    break
                raise OSError(
                    errno.EMSGSIZE,
                    f"nothing matches in {errors.spelled(max_length)} bytes, which is max_length;"
                    " they stay for the next call",
                )
            wait = _sooner(deadline, pause) if sought.owed else deadline
            try:
                if deadline.bounded:
                    self._check(buffer, deadline, taken)
                found, ended = self._look_on(buffer, sought, wait, flags, max_length)
            except (OSError, errors.SslError) as error:
                late = isinstance(error, errors.TimeoutError)
                found = sought.rest(buffer, max_length, now=not late)
                if found is None and (wait is deadline or not late):
                    raise
            else:
                if ended:
                    return sought.rest(buffer, max_length, now=True)
                taken += buffer.size() - have
        return found

    def _look_on(
        self, buffer: LineBuffer, sought: Patterns, wait: Deadline, flags: int, max_length: int
    ) -> tuple[Found | None, bool]:
        """Brings what comes next to the buffer, through the end of a match on unbuffered sockets.

        Returns:
            The match, and whether the stream has ended.
        """
        if self._buffered:
            ended = not self._fetch(buffer, _READ_AHEAD, wait, flags)
            return (None if ended else sought.first(buffer, b"", max_length)), ended
        if buffer.after_cr and not buffer.size():
            # An LF that belongs to a line before this is to be seen by no pattern.
            ended = not self._fetch(buffer, 1, wait, flags)
            return sought.first(buffer, b"", max_length), ended
        have = buffer.size()
        glance = self._glance(buffer, min(max_length - have, _GLANCE), wait, flags)
        if not glance:
            return None, True
        found = sought.first(buffer, glance, max_length)
        end = have + len(glance) if found is None else found.end
        while buffer.size() < end:
            if not self._fetch(buffer, end - buffer.size(), wait, flags):
                return None, True
        return found, False

    def _source(self, buffer: LineBuffer) -> Stream:
        """Returns the stream whose bytes `buffer` takes.

        Raises:
            OSError: Another stream has taken its place: the call that has begun with the buffer
                must not put protected bytes with those that came in the clear.
        """
        # In this order: who replaces both begins with the buffer.
        stream = self.stream
        if buffer is not self._buffer and not self.closed:
            raise retired_error()
        return stream

    def _check(self, buffer: LineBuffer, deadline: Deadline, taken: int) -> None:
        """Ends a call that has taken so many bytes and wants more; see `Deadline.check`."""
        if taken and deadline.immediate and deadline.allowance is None:
            deadline.allowance = taken + self._source(buffer).waiting(deadline)
        deadline.check(taken)

    def _fetch(self, buffer: LineBuffer, size: int, deadline: Deadline, flags: int) -> bytes:
        """Brings 1 to `size` bytes of the stream to the buffer; returns them, `b""` at its end."""
        self._receive(buffer, size, deadline, flags)
        chunk = buffer.take_in()
        if buffer is not self._buffer:
            self._source(buffer)  # wrapped in this moment: what came is the handshake's
        return chunk

    def _receive(self, buffer: LineBuffer, size: int, deadline: Deadline, flags: int) -> bytes:
        """As `_fetch`; what has come is the buffer's, and not among its bytes yet."""
        # In this order, as in `_source`, which is asked only where it has something to say.
        stream = self.stream
        if buffer is not self._buffer:
            stream = self._source(buffer)
        try:
            stream.receive_to(buffer.arrived, size, deadline)
        except OSError as error:
            if errors.is_disconnection_error(flags, error.errno or 0):
                return b""
            raise
        return buffer.arrived[0]

    def _glance(self, buffer: LineBuffer, size: int, deadline: Deadline, flags: int) -> bytes:
        """Returns bytes that come next and stay in the stream; `b""` at its end."""
        try:
            return self._source(buffer).peek(size, deadline)
        except OSError as error:
            if errors.is_disconnection_error(flags, error.errno or 0):
                return b""
            raise


class _Lines:
    """An iteration over lines.

    Not two functions inside of `ReadAhead.lines`: compiled, such a one keeps itself alive.
    """

    __slots__ = ("_ended", "_flags", "_max_length", "_reader", "_timeout")

    def __init__(self, reader: ReadAhead, timeout: int, flags: int | None, max_length: int) -> None:
        self._reader = reader
        self._timeout = timeout
        self._flags = flags
        self._max_length = max_length
        self._ended = False

    def batch(self) -> Iterator[bytes] | None:
        """Returns what comes next, at least a line; None at the end."""
        if self._ended:
            return None
        lines = self._reader.next_lines(self._max_length)
        return islice(iter(self._one, b""), 1) if lines is None else lines

    def _one(self) -> bytes:
        line = self._reader.next_line(self._timeout, self._flags, self._max_length)
        self._ended = not line
        return line


def _sooner(deadline: Deadline, milliseconds: int) -> Deadline:
    """Returns a deadline that passes after so much time at most."""
    remaining = deadline.remaining()
    near = remaining is not None and remaining <= milliseconds / 1000
    return deadline if near else patience(milliseconds)


def check_length(max_length: int) -> None:
    """Refuses a limit under which no line could be delivered.

    Raises:
        OSError: `EINVAL`.
    """
    if max_length < 1:
        raise errors.invalid(f"max_length must be 1 or more, not {errors.spelled(max_length)}")


def _share_of_line(glance: bytes, room: int) -> int:
    """Returns how many of the bytes looked at belong to a line, its end included.

    Args:
        glance: What comes next in the stream.
        room: How long the (rest of the) line may be. 0 is the answer for no room and no end.
    """
    lf = glance.find(b"\n", 0, room + 1)
    cr = glance.find(b"\r", 0, room + 1 if lf < 0 else lf)
    if cr >= 0:
        return cr + 2 if glance.startswith(b"\n", cr + 1) else cr + 1
    return lf + 1 if lf >= 0 else min(len(glance), room)
