"""What a stream delivers, on its way to the buffer that reads are served from.

A buffered socket takes from the system what has arrived, up to 64 KiB at a time. An unbuffered one
takes only what a call asked for. Both keep here what a call took that could not be finished (a
timeout, a signal handler that raised, no memory, an end inside a line), and the next call begins
with it.

The stream delivers to the buffer, which bytes leave only with the result, so there is nothing to
put back when a call fails. Where a failure of the connection follows bytes that a call would
deliver, they are delivered first: the stream reports the failure again.
"""

from __future__ import annotations

from collections.abc import Callable

from nimnet_runtime import errors
from nimnet_runtime.deadline import NOW, Deadline, within
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.reader import Reader
from nimnet_runtime.stream import Stream, is_terminal, retired_error
from nimnet_runtime.system import heed_signals

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

READ_AHEAD: Final = 64 * 1024
"""Bytes that a buffered socket asks for when less is needed."""
MOST_AT_ONCE: Final = 1024 * 1024
"""Bytes asked for at once in a large read; measured as fast as reading into place."""


class Intake(Reader):
    """Takes from a stream, for one reading thread at a time; what reads do with it is above."""

    __slots__ = ("_ahead", "_buffer", "_buffered")

    def __init__(self, stream: Stream, buffered: bool) -> None:
        """Reads from `stream`.

        Args:
            stream: May be replaced (attribute `stream`) before data flows.
            buffered: Whether bytes may be taken from the system before a call asks for them.
        """
        super().__init__(stream)
        self._buffer = LineBuffer()
        self._buffered = buffered
        self._ahead = READ_AHEAD if buffered else 0  # for reads that want less

    def close(self) -> None:
        """Forgets what has arrived, so that every later read asks the (closed) stream."""
        super().close()
        self._renew()

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

    def _renew(self) -> None:
        """Begins a new buffer, and leaves the old one to a call that may be inside."""
        buffer = self._buffer
        self._buffer = LineBuffer()
        buffer.abandon()

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
                elif wanted > MOST_AT_ONCE:
                    wanted = MOST_AT_ONCE
                if not self._fetch(buffer, wanted, deadline, flags):
                    return
                heed_signals()  # before anything is taken, which is lost if a handler raises
                have = buffer.size()
        except (OSError, errors.SslError) as error:
            if not have or not is_terminal(error):
                raise

    def _settle_line_end(self, buffer: LineBuffer, deadline: Deadline) -> None:
        """After a line that ended with CR, sees to an LF that belongs to it.

        For reads that bypass the buffer, which does this itself for what it takes in.
        """
        buffer.take_in()
        if not buffer.size() and buffer.after_cr:
            self._fetch(buffer, 1, deadline, 0)

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
        while True:  # as a rule once: a signal handler, or another thread, may take what has come
            try:
                stream.receive_to(buffer.arrived, size, deadline)
            except OSError as error:
                if errors.is_disconnection_error(flags, error.errno or 0):
                    return b""
                raise
            for chunk in buffer.arrived:
                return chunk

    def _glance(self, buffer: LineBuffer, size: int, deadline: Deadline, flags: int) -> bytes:
        """Returns bytes that come next and stay in the stream; `b""` at its end."""
        try:
            return self._source(buffer).peek(size, deadline)
        except OSError as error:
            if errors.is_disconnection_error(flags, error.errno or 0):
                return b""
            raise
