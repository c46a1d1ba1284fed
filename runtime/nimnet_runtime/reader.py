"""What reading from a socket is to the generated code: `ReadAhead` for streams, datagrams apart."""

from __future__ import annotations

from abc import ABCMeta, abstractmethod
from collections.abc import Callable, Iterable, Iterator

from nimnet_runtime import errors
from nimnet_runtime.buffers import check_size
from nimnet_runtime.descriptor import closed_error
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.forks import Heir
from nimnet_runtime.stream import Stream

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import re


class Expected:
    """What `Reader.expect` has read.

    Attributes:
        index: Which pattern has matched.
        before: What came before the match.
        matched: The bytes that match.
        match: The match in all that had come, for patterns that are bytes as well.
    """

    __slots__ = ("before", "index", "match", "matched")

    index: int
    before: bytes
    matched: bytes
    match: re.Match[bytes]

    def __init__(self, index: int, before: bytes, matched: bytes, match: re.Match[bytes]) -> None:
        """Sets the attributes."""
        self.index = index
        self.before = before
        self.matched = matched
        self.match = match

    def __repr__(self) -> str:
        """Shows which pattern has come, what came before it, and the bytes that match."""
        matched, before = errors.quoted(self.matched), errors.quoted(self.before)
        return f"<expected: pattern {self.index}, {matched} after {before}>"


class Reader(metaclass=ABCMeta):
    """The reading half of a socket.

    Sizes are bytes, timeouts milliseconds (-1: none, 0: now or `TimeoutError`), flags bits of
    `SocketFlag`, or None for `own_flags`. A call that fails leaves what has arrived to the next
    call.

    Attributes:
        closed: Whether the socket was closed.
        own_flags: The flags of calls that are given none, on the whole socket.
        heirs: Let the descriptor and the stream be told of forks: here, because an iteration over
            lines may outlive the socket's object.
        stream: Where the bytes come from; replaced when the socket becomes a TLS socket.
        last_error: The last error number recorded on the socket, 0 for none. The low-level forms,
            which raise nothing, store theirs here.
    """

    __slots__ = ("closed", "heirs", "last_error", "own_flags", "stream")

    closed: bool
    heirs: tuple[Heir, ...]
    stream: Stream
    last_error: int
    own_flags: int

    def __init__(self, stream: Stream) -> None:
        """Reads from `stream`."""
        self.stream = stream
        self.heirs = ()
        self.last_error = 0
        self.closed = False
        self.own_flags = SAFE_DISCONN

    def close(self) -> None:
        """Forgets what has arrived; called when the socket is closed."""
        self.closed = True

    def told(self, call: str) -> str:
        """Returns a call with its peer, for a message; see `deadline`."""
        return self.stream.told(call)

    def came(self, goal: int) -> str:  # noqa: ARG002 - for who keeps what comes
        """Returns how much had come of what a call wanted, for a message; see `deadline`."""
        return ""

    def check_size(self, size: int) -> None:
        """Refuses a negative size, and any use of a closed socket where `size` is 0.

        A larger size asks the stream, which knows by itself.

        Raises:
            OSError: `EINVAL` or `EBADF`.
        """
        check_size(size)
        if size == 0 and self.closed:
            raise closed_error()

    @abstractmethod
    def receive(self, size: int, timeout: int, flags: int | None) -> bytes:
        """Returns up to `size` bytes; `b""` only at the end of the stream (or for size 0)."""

    @abstractmethod
    def receive_into(self, data: bytearray, size: int, timeout: int, flags: int | None) -> int:
        """Replaces the contents of `data` by what `receive` would return; returns the length.

        On an exception `data` is unchanged and nothing is lost.
        """

    @abstractmethod
    def receive_buffer(self, data: memoryview, size: int, timeout: int) -> int:
        """Reads into the first `size` bytes of `data`; returns how many there were."""

    @abstractmethod
    def receive_or_error(self, data: memoryview, size: int) -> int:
        """Like `receive_buffer` without a timeout, but raises nothing.

        Returns:
            The number of bytes, 0 at the end of the stream, -1 after an error, which is then
            `last_error`.
        """

    @abstractmethod
    def receive_some(self, size: int, timeout: int, flags: int | None) -> bytes:
        """Returns 1 to `size` bytes as soon as any are there; `b""` only at the end."""

    @abstractmethod
    def receive_some_into(self, data: memoryview, timeout: int, flags: int | None) -> int:
        """Writes what `receive_some` would return to `data`; returns how many, 0 at the end."""

    @abstractmethod
    def recv_line(self, timeout: int, flags: int | None, max_length: int) -> bytes:
        """Returns a line without its end; `b"\\r\\n"` for a blank one, `b""` at the end."""

    @abstractmethod
    def read_line(self, line: bytearray, timeout: int, flags: int | None, max_length: int) -> None:
        """Replaces the contents of `line` by what `recv_line` would return."""

    @abstractmethod
    def receive_until(
        self,
        delimiter: bytes | bytearray | memoryview,
        timeout: int,
        flags: int | None,
        max_length: int,
    ) -> bytes:
        """Returns the bytes through `delimiter`; `b""` where the stream ends before it."""

    @abstractmethod
    def expect(
        self,
        patterns: Iterable[bytes | re.Pattern[bytes]],
        timeout: int,
        flags: int | None,
        max_length: int,
    ) -> Expected | None:
        """Reads through the first match of `patterns`; None where the stream ends before one."""

    @abstractmethod
    def skip(self, size: int, timeout: int) -> int:
        """Discards `size` bytes; returns fewer only where the stream ended first."""

    def read_ahead(self) -> tuple[bytes, bool]:
        """Returns all that was read ahead, which stays until `follow` is called.

        Returns:
            The bytes, and whether an LF that follows them would belong to a line's end that was
            delivered (a CR).

        Raises:
            OSError: A large read is under way (`EBUSY`).
        """
        return b"", False

    def settle_line_end(self) -> None:  # noqa: B027 - messages have no lines
        """Takes an LF that has come and belongs to the end of the last line, which was a CR."""

    def follow(self, stream: Stream) -> Callable[[], None]:
        """Reads from another stream from now on, and forgets what the last one has brought.

        Returns:
            What ends the iterations that have begun over the last one's lines. It is the caller's
            to call, when he has followed as well: between the two no signal handler may raise.
        """
        self.stream = stream
        return _nothing_to_end

    @abstractmethod
    def has_data_buffered(self) -> bool:
        """Tells whether bytes can be delivered without asking the system."""

    @abstractmethod
    def lines(self, timeout: int, flags: int | None, max_length: int) -> Iterator[bytes]:
        """Iterates over `recv_line` until the stream ends; the timeout is for each line."""


def _nothing_to_end() -> None:
    """Messages have no lines."""
