"""Datagrams: UDP, Unix datagram, sequenced packet and raw sockets.

A message arrives whole or cut at the size asked for. There are no lines in it, and there is no
stream of bytes to read ahead.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from nimnet_runtime import errors
from nimnet_runtime.buffers import check_buffer, check_resizable, exported
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import host_and_port, shown
from nimnet_runtime.descriptor import Descriptor, interrupted_error
from nimnet_runtime.platform import MSG_NOSIGNAL, MSG_PEEK
from nimnet_runtime.reader import Reader
from nimnet_runtime.resolution import Resolved, SocketAddress
from nimnet_runtime.stream import Stream

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import NoReturn, TypeVar

    _R = TypeVar("_R", bytes, int)


_MOST = 1 << 24
"""Bytes asked of the system at once: more than any message has, less than an address space."""

_RECEIVE_FLAGS = int(MSG_PEEK | socket.MSG_OOB | getattr(socket, "MSG_WAITALL", 0))
_SEND_FLAGS = int(
    socket.MSG_OOB
    | socket.MSG_DONTROUTE
    | MSG_NOSIGNAL
    | getattr(socket, "MSG_EOR", 0)
    | getattr(socket, "MSG_MORE", 0)
    | getattr(socket, "MSG_CONFIRM", 0)
)


class DatagramStream(Stream):
    """One message for each call. There is no end: an empty message is a message."""

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: Descriptor) -> None:
        """Reads from and writes to `descriptor`, which stays the caller's to close."""
        self._descriptor = descriptor

    def receive(self, size: int, deadline: Deadline) -> bytes:
        """Returns one message, cut to `size` bytes."""
        sock, size = self._descriptor.sock, min(size, _MOST)
        return self._receive(lambda flags: sock.recv(size, flags), deadline)

    def receive_into(self, view: memoryview, deadline: Deadline) -> int:
        """Writes one message to `view`, cut to its length; returns how many bytes."""
        sock = self._descriptor.sock
        return self._receive(lambda flags: sock.recv_into(view, 0, flags), deadline)

    def peek(self, size: int, deadline: Deadline) -> bytes:
        """Returns the message that `receive` will return."""
        sock, size = self._descriptor.sock, min(size, _MOST)
        return self._receive(lambda flags: sock.recv(size, flags | MSG_PEEK), deadline)

    def send(self, data: memoryview, deadline: Deadline) -> None:
        """Sends `data` as one message."""
        sock = self._descriptor.sock
        self._descriptor.write(lambda flags: sock.send(data, flags | MSG_NOSIGNAL), deadline)

    def pending(self) -> int:
        """Returns 0: messages wait in the system only."""
        return 0

    def close(self) -> None:
        """Has no goodbye to say."""

    def _receive(self, attempt: Callable[[int], _R], deadline: Deadline) -> _R:
        result = self._descriptor.read(attempt, deadline)
        if not result and self._descriptor.closed:
            raise interrupted_error()
        return result


class DatagramReader(Reader):
    """Reads message by message; `buffered` has no meaning here."""

    __slots__ = ()

    def receive(self, size: int, timeout: int, flags: int) -> bytes:
        """Returns one message, cut to `size` bytes.

        Raises:
            TimeoutError: None came in time.
            OSError: An argument is wrong, or receiving failed.
        """
        self.check_size(size)
        errors.check_flags(flags)
        deadline = Deadline(timeout)
        if size == 0:
            return b""
        try:
            return self.stream.receive(size, deadline)
        except OSError as error:
            if errors.is_disconnection_error(flags, error.errno or 0):
                return b""
            raise

    def receive_into(self, data: bytearray, size: int, timeout: int, flags: int) -> int:
        """Replaces the contents of `data` by a message; see `receive`.

        Raises:
            TimeoutError, OSError: As `receive`; `OSError` also while a memoryview of `data` exists.
                One that another thread makes during the wait costs the message.
        """
        check_resizable(data)
        received = self.receive(size, timeout, flags)
        try:
            data[:] = received
        except BufferError:
            raise exported() from None
        return len(received)

    def receive_buffer(self, data: memoryview, size: int, timeout: int) -> int:
        """Writes a message into `data`; see `receive`."""
        view = check_buffer(data, size)
        self.check_size(size)
        deadline = Deadline(timeout)
        return self.stream.receive_into(view, deadline) if size else 0

    def receive_or_error(self, data: memoryview, size: int) -> int:
        """Like `receive_buffer`; -1 and `last_error` instead of an exception."""
        try:
            return self.receive_buffer(data, size, -1)
        except (OSError, errors.SslError) as error:
            self.last_error = errors.number_of(error)
            return -1

    def recv_line(self, timeout: int, flags: int, max_length: int) -> bytes:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages have no lines."""
        _no_stream("recv_line")

    def read_line(self, line: bytearray, timeout: int, flags: int, max_length: int) -> None:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages have no lines."""
        _no_stream("read_line")

    def skip(self, size: int, timeout: int) -> int:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages are no stream of bytes."""
        _no_stream("skip")

    def has_data_buffered(self) -> bool:
        """Returns False: nothing is read ahead."""
        return False

    def lines(self, timeout: int, flags: int, max_length: int) -> Iterator[bytes]:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages have no lines."""
        _no_stream("lines")


def receive_from(
    descriptor: Descriptor, length: int, flags: int, deadline: Deadline
) -> tuple[bytes, str, int]:
    """Returns one message (or what a stream has), cut to `length`, with its sender.

    Returns:
        The data, the sender's address (a path for Unix sockets, `""` where there is none), and
        its port (0 where there is none).

    Raises:
        TimeoutError: Nothing came in time.
        OSError: An argument is wrong, or receiving failed.
    """
    if length < 0:
        raise errors.invalid(f"length must be 0 or more, not {errors.spelled(length)}")
    if flags & ~_RECEIVE_FLAGS:
        raise errors.invalid("flags may hold MSG_PEEK, MSG_OOB and MSG_WAITALL only")
    sock, length = descriptor.sock, min(length, _MOST)
    data, sender = descriptor.read(lambda more: sock.recvfrom(length, flags | more), deadline)
    if not data and descriptor.closed:
        raise interrupted_error()
    host, port = host_and_port(sender)
    return data, host, port


def send_to_first(
    descriptor: Descriptor,
    addresses: Sequence[Resolved],
    data: memoryview,
    flags: int,
    deadline: Deadline,
) -> None:
    """Sends one message to the first of `addresses` that the system can send it to.

    Raises:
        TimeoutError: There was no room in time.
        OSError: It could be sent to none; the error is the first address's.
    """
    if flags & ~_SEND_FLAGS:
        raise errors.invalid(
            "flags may hold MSG_OOB, MSG_DONTROUTE, MSG_EOR, MSG_MORE, MSG_CONFIRM and "
            "MSG_NOSIGNAL only"
        )
    sock, flags = descriptor.sock, flags | MSG_NOSIGNAL
    failure: OSError | None = None
    for _, sockaddr in addresses:
        try:
            descriptor.write(partial(_send_once, sock, data, flags, sockaddr), deadline)
            return
        except errors.TimeoutError:
            raise
        except OSError as error:
            failure = failure or errors.in_context(error, f"send to {shown(sockaddr)}")
    assert failure is not None
    raise failure


def _send_once(
    sock: socket.socket, data: memoryview, flags: int, sockaddr: SocketAddress, more: int
) -> int:
    return sock.sendto(data, flags | more, sockaddr)


def _no_stream(name: str) -> NoReturn:
    raise errors.unsupported(f"{name} needs a stream socket; on this one use recv or recv_from")
