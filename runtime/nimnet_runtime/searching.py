"""Reads that end where something is found: the end of a line, a delimiter, a pattern.

A buffered socket searches what has arrived. An unbuffered one looks first (peek), and then takes
exactly through the end of what it has found.
"""

from __future__ import annotations

import errno
from collections.abc import Iterable, Iterator
from itertools import chain
from operator import length_hint

from nimnet_runtime import errors
from nimnet_runtime.buffers import as_bytes, check_resizable, exported
from nimnet_runtime.compiling import mypyc_attr
from nimnet_runtime.deadline import (
    NO_END,
    QUICK_TIMEOUT,
    Deadline,
    check_timeout,
    patience,
    within,
)
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.intake import READ_AHEAD, Intake
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.reader import Expected
from nimnet_runtime.stream import Stream
from nimnet_runtime.system import heed_signals

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import re
    from typing import Final, NoReturn

    from nimnet_runtime.patterns import Found, Patterns

_GLANCE: Final = 4096
"""Bytes looked at when an unbuffered socket searches the end of a line."""


class Searching(Intake):
    """What a reader finds the end of by itself."""

    __slots__ = ("_limit",)

    def __init__(self, stream: Stream, buffered: bool) -> None:
        """See `Intake`."""
        super().__init__(stream, buffered)
        self._limit = 0  # the greatest length of a line that was last found to be right

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
            (timeout == NO_END or (type(timeout) is int and 0 <= timeout < QUICK_TIMEOUT))
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
                (timeout == NO_END or (type(timeout) is int and 0 <= timeout < QUICK_TIMEOUT))
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
            (timeout == -1 or 0 <= timeout < QUICK_TIMEOUT)
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
        batches = _Batches(self, timeout, flags, max_length)
        lines = _Lines.from_iterable(batches)
        assert isinstance(lines, _Lines)
        lines.batches = batches
        return lines

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

    def _one_line(self, call: str, timeout: int, flags: int | None, max_length: int) -> bytes:
        if flags is None:
            flags = self.own_flags
        deadline = self._line_begun(call, timeout, flags, max_length)
        return self._line(self._buffer, deadline, flags, max_length)

    def _line_begun(self, call: str, timeout: int, flags: int, max_length: int) -> Deadline:
        errors.check_int("timeout", timeout)
        errors.check_int("max_length", max_length)
        check_length(max_length)
        self._limit = max_length
        errors.check_flags(flags)
        return within(timeout, call, self)

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
                size = READ_AHEAD
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
                size = READ_AHEAD
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
            ended = not self._fetch(buffer, READ_AHEAD, wait, flags)
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


class _Waiting:
    """The next line, as long as it has to be searched or waited for."""

    __slots__ = ("_flags", "_max_length", "_reader", "_timeout", "ended")

    def __init__(self, reader: Searching, timeout: int, flags: int | None, max_length: int) -> None:
        self._reader = reader
        self._timeout = timeout
        self._flags = flags
        self._max_length = max_length
        self.ended = False

    def __iter__(self) -> _Waiting:
        return self

    def __next__(self) -> bytes:
        reader = self._reader
        if reader.next_lines(self._max_length) is None:
            line = reader.next_line(self._timeout, self._flags, self._max_length)
            if line:
                return line
            self.ended = True
        raise StopIteration


class _Batches:
    """Where the next lines come from: from those that were split ahead, or one by one."""

    __slots__ = ("_max_length", "_reader", "_waiting")

    def __init__(self, reader: Searching, timeout: int, flags: int | None, max_length: int) -> None:
        self._reader = reader
        self._max_length = max_length
        self._waiting = _Waiting(reader, timeout, flags, max_length)

    def __iter__(self) -> _Batches:
        return self

    def __next__(self) -> Iterator[bytes]:
        waiting = self._waiting
        if waiting.ended:
            raise StopIteration
        lines = self._reader.next_lines(self._max_length)
        return waiting if lines is None else lines


@mypyc_attr(native_class=False)  # which has no room for what is C's
class _Lines(chain[bytes]):
    """An iteration over lines.

    While it waits it may be entered again, by a signal handler or another thread. `chain` then lets
    go of what the first call is inside of, and the interpreter crashes unless somebody else has
    that: `batches` keeps it for as long as the iteration lives.
    """

    __slots__ = ("batches",)
    batches: _Batches

    def __reduce__(self) -> NoReturn:
        raise TypeError("an iteration over the lines of a socket cannot be copied or pickled")


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
