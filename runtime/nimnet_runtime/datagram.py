"""Datagrams: UDP, Unix datagram, sequenced packet and raw sockets.

A message arrives whole or cut at the size asked for. There are no lines in it, and there is no
stream of bytes to read ahead.
"""

from __future__ import annotations

import _socket as socket
from collections.abc import Iterable, Iterator, Sequence
from functools import partial

from nimnet_runtime import errors
from nimnet_runtime.buffers import (
    check_buffer,
    check_resizable,
    check_room,
    check_some,
    exported,
)
from nimnet_runtime.connecting import checked_path
from nimnet_runtime.deadline import Deadline, within
from nimnet_runtime.description import located, shown
from nimnet_runtime.descriptor import Descriptor, interrupted_error
from nimnet_runtime.platform import COMPILED, MSG_DONTWAIT, MSG_NOSIGNAL, MSG_PEEK
from nimnet_runtime.protection import NO_PROTECTION
from nimnet_runtime.reader import Expected, Reader
from nimnet_runtime.resolution import Resolved, SocketAddress
from nimnet_runtime.stream import Stream, ended_error, retired_error

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    import re
    from typing import Final, NoReturn


_MOST: Final = 1 << 24
"""Bytes asked of the system at once: more than any message has, less than an address space."""

_RECEIVE_FLAGS: Final = int(MSG_PEEK | socket.MSG_OOB | getattr(socket, "MSG_WAITALL", 0))
_SEND_FLAGS: Final = int(
    socket.MSG_OOB
    | socket.MSG_DONTROUTE
    | MSG_NOSIGNAL
    | getattr(socket, "MSG_EOR", 0)
    | getattr(socket, "MSG_MORE", 0)
    | getattr(socket, "MSG_CONFIRM", 0)
)


class Mailbox:
    """Takes messages from the system, keeping each until it is delivered, and gives it others.

    A signal handler may raise as soon as the system has given a message away, or there may be no
    memory for what is made of it. The next call finds it here.

    Attributes:
        held: The next message and its sender, if it was taken. Whoever delivers it forgets it here,
            and calls nothing after that.
        retired: Whether TLS has the socket now, so that nothing may be moved in the clear.
        usual: The IP address and port that a message went to last, as text and number and as
            Python's sockets take them: most go there again, and it need not be read twice.
    """

    __slots__ = ("_descriptor", "held", "retired", "usual")

    def __init__(self, descriptor: Descriptor) -> None:
        """Reads from and writes to `descriptor`, which stays the caller's to close."""
        self._descriptor = descriptor
        self.retired: bool = False
        self.held: tuple[bytes, object] | None = None
        self.usual: tuple[str, int, SocketAddress] | None = None

    def next(self, size: int, flags: int, deadline: Deadline) -> tuple[bytes, object]:
        """Returns the next message, cut to `size` bytes, and its sender; it stays the next one.

        Raises:
            TimeoutError: None came in time.
            OSError: The socket is closed, or receiving failed.
        """
        descriptor = self._descriptor
        if descriptor.closed:
            descriptor.use()
        most = size if size < _MOST else _MOST
        message = self.held
        if message is None and flags & MSG_PEEK:
            message = descriptor.read(partial(self._peek, most, flags), deadline)
        while message is None:  # as a rule once: a signal handler may take what has come
            refused = False
            # The quick path: it is this call's turn, and need not wait but in the system.
            if MSG_DONTWAIT or not deadline.bounded:  # pragma: no branch - not so on Windows
                now = flags
                if deadline.bounded:
                    deadline.require_time()
                    now |= MSG_DONTWAIT
                direction = descriptor.reading
                lock = direction.lock
                try:
                    if lock.acquire(False) and not (
                        direction.busy or descriptor.closed or self.retired
                    ):
                        direction.busy = True
                        try:
                            if COMPILED:  # pragma: no cover - where no handler comes in between
                                self.held = descriptor.sock.recvfrom(most, now)
                            elif now:
                                (self.held,) = map(descriptor.sock.recvfrom, (most,), (now,))
                            else:
                                (self.held,) = map(descriptor.sock.recvfrom, (most,))
                        finally:
                            direction.busy = False
                except BlockingIOError:
                    refused = True
                except OSError as error:
                    raise descriptor.named(descriptor.explained(error), "receive from") from None
                finally:
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        lock.release()
                    except RuntimeError:
                        pass
                    if descriptor.closed:
                        descriptor.finish()
                message = self.held
            if message is None:
                descriptor.read(partial(self._take, most, flags), deadline, refused=refused)
                message = self.held
        data, sender = message
        if not data and descriptor.closed:
            raise interrupted_error()
        return (data if len(data) <= size else data[:size]), sender

    def _peek(self, most: int, flags: int, more: int) -> tuple[bytes, object]:
        if self.retired:
            raise retired_error()
        return self._descriptor.sock.recvfrom(most, flags | more)

    def _take(self, most: int, flags: int, more: int) -> None:
        if self.retired:
            raise retired_error()
        sock, flags = self._descriptor.sock, flags | more
        if COMPILED:  # pragma: no cover - as above; and mypyc loses what an iterator raises there
            self.held = sock.recvfrom(most, flags)
        else:
            (self.held,) = map(sock.recvfrom, (most,), (flags,))

    def send(
        self, sockaddr: SocketAddress, data: bytes | memoryview, flags: int, deadline: Deadline
    ) -> int:
        """Sends one message to an address.

        Returns:
            How many bytes it has.

        Raises:
            TimeoutError: There was no room in time.
            OSError: The socket is closed, or sending failed.
        """
        descriptor = self._descriptor
        bounded = deadline.bounded
        refused = False
        try:
            if MSG_DONTWAIT or not bounded:  # pragma: no branch - Windows has no such flag
                # The quick path, as in `next`.
                now = flags
                if bounded:
                    deadline.require_time()
                    now |= MSG_DONTWAIT
                direction = descriptor.writing
                lock = direction.lock
                try:
                    if lock.acquire(False) and not (
                        direction.busy or descriptor.closed or self.retired
                    ):
                        direction.busy = True
                        try:
                            return descriptor.sock.sendto(data, now, sockaddr)
                        finally:
                            direction.busy = False
                except BlockingIOError:
                    refused = True
                finally:
                    try:  # noqa: SIM105 - nothing but C here: see nimnet_runtime.__init__
                        lock.release()
                    except RuntimeError:
                        pass
                    if descriptor.closed:
                        descriptor.finish()
            give = partial(self.give, sockaddr, data, flags)
            return descriptor.write(give, deadline, refused=refused)
        except errors.TimeoutError:
            raise
        except OSError as error:
            reason = descriptor.named(descriptor.explained(error), "send to")
            raise errors.in_context(reason, f"send to {shown(sockaddr)}") from None

    def give(
        self, sockaddr: SocketAddress | bytes, data: bytes | memoryview, flags: int, more: int = 0
    ) -> int:
        """Sends one message by one system call, for the one whose turn to write it is."""
        if self.retired:
            raise retired_error()
        return self._descriptor.sock.sendto(data, flags | more, sockaddr)


class DatagramStream(Stream):
    """One message for each call. An empty message is a message, and no end.

    Where messages are those of a connection (`SOCK_SEQPACKET`), the system reports its end like an
    empty message.
    """

    __slots__ = ("_descriptor", "_ends", "mailbox")

    def __init__(self, descriptor: Descriptor, mailbox: Mailbox, *, ends: bool = False) -> None:
        """Reads from `mailbox` and writes to `descriptor`, which stays the caller's to close.

        Args:
            descriptor: The socket.
            mailbox: What takes messages from it.
            ends: Whether they are those of a connection.
        """
        self.protection = NO_PROTECTION
        self._descriptor = descriptor
        self._ends = ends
        self.mailbox = mailbox

    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        """Appends one message, cut to `size` bytes."""
        arrived += (self.mailbox.next(size, 0, deadline)[0],)
        self.mailbox.held = None

    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        """Writes one message to `view`, cut to its length; appends how many bytes."""
        data = self.mailbox.next(len(view), 0, deadline)[0]
        count = len(data)
        view[:count] = data
        counts += (count,)
        self.mailbox.held = None

    def peek(self, size: int, deadline: Deadline) -> bytes:
        """Returns the message that comes next."""
        return self.mailbox.next(size, MSG_PEEK, deadline)[0]

    def send(self, data: bytes | memoryview, deadline: Deadline) -> None:
        """Sends `data` as one message."""
        # Never a blocking call: what waits so for room with a Unix peer, no close() ends.
        self._descriptor.write(partial(self._send_once, data), deadline)

    def _send_once(self, data: bytes | memoryview, flags: int) -> None:
        if self._descriptor.ended:
            raise ended_error()
        self._descriptor.sock.send(data, MSG_NOSIGNAL | MSG_DONTWAIT | flags)

    def send_eof(self, deadline: Deadline) -> None:
        """See `Stream.send_eof`; raises `OSError` where messages are those of no connection."""
        descriptor = self._descriptor
        descriptor.use()
        if not self._ends:
            raise errors.unsupported("send_eof needs a connection: datagrams have no end")
        descriptor.exclusively(descriptor.writing, descriptor.end_sending, deadline)

    @property
    def ended(self) -> bool:
        """See `Stream.ended`."""
        return self._descriptor.ended

    def told(self, call: str) -> str:
        """See `Stream.told`."""
        return located(call, self._descriptor.sock)

    def pending(self) -> int:
        """Returns 0: messages wait in the system only."""
        return 0

    def waiting(self, deadline: Deadline) -> int:  # noqa: ARG002 - the Stream's signature
        """Returns 0: there is no stream of bytes that a call could want more of."""
        return 0

    def close(self) -> None:
        """Has no goodbye to say."""


class DatagramReader(Reader):
    """Reads message by message; `buffered` has no meaning here."""

    __slots__ = ("_mailbox",)

    def __init__(self, stream: DatagramStream) -> None:
        """Reads from `stream`."""
        super().__init__(stream)
        self._mailbox = stream.mailbox

    def receive(self, size: int, timeout: int, flags: int | None) -> bytes:
        """Returns one message, cut to `size` bytes.

        Raises:
            TimeoutError: None came in time.
            OSError: An argument is wrong, or receiving failed.
        """
        data = self._next("recv from", size, timeout, flags)
        self._mailbox.held = None
        return data

    def receive_into(self, data: bytearray, size: int, timeout: int, flags: int | None) -> int:
        """Replaces the contents of `data` by a message; see `receive`.

        Raises:
            TimeoutError, OSError: As `receive`; `OSError` also while a memoryview of `data` exists.
                A message that has come is the next call's.
        """
        check_resizable(data)
        received = self._next("recv from", size, timeout, flags)
        count = len(received)
        try:
            data[:] = received
        except BufferError:
            raise exported() from None
        self._mailbox.held = None
        return count

    def receive_buffer(self, data: memoryview, size: int, timeout: int) -> int:
        """Writes a message into `data`; see `receive`."""
        with check_buffer(data, size) as view:
            received = self._next("recv from", size, timeout, 0)
            count = len(received)
            view[:count] = received
        self._mailbox.held = None
        return count

    def receive_or_error(self, data: memoryview, size: int) -> int:
        """Like `receive_buffer`; -1 and `last_error` instead of an exception."""
        try:
            return self.receive_buffer(data, size, -1)
        except (OSError, errors.SslError, MemoryError) as error:
            self.last_error = errors.number_of(error)
            return -1

    def receive_some(self, size: int, timeout: int, flags: int | None) -> bytes:
        """Returns one message, cut to `size` bytes; see `receive`."""
        check_some(size)
        data = self._next("recv_some from", size, timeout, flags)
        self._mailbox.held = None
        return data

    def receive_some_into(self, data: memoryview, timeout: int, flags: int | None) -> int:
        """Writes one message to `data`, cut to its length; see `receive`."""
        with check_room(data) as view:
            received = self._next("recv_some from", len(view), timeout, flags)
            count = len(received)
            view[:count] = received
        self._mailbox.held = None
        return count

    def _next(self, call: str, size: int, timeout: int, flags: int | None) -> bytes:
        """Returns the next message, which stays the next one."""
        self.check_size(size)
        if flags is None:
            flags = self.own_flags
        errors.check_flags(flags)
        deadline = within(timeout, call, self)
        if size == 0:
            return b""
        try:
            return self._mailbox.next(size, 0, deadline)[0]
        except OSError as error:
            if errors.is_disconnection_error(flags, error.errno or 0):
                return b""
            raise

    def recv_line(self, timeout: int, flags: int | None, max_length: int) -> bytes:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages have no lines."""
        _no_stream("recv_line")

    def read_line(self, line: bytearray, timeout: int, flags: int | None, max_length: int) -> None:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages have no lines."""
        _no_stream("read_line")

    def receive_until(
        self,
        delimiter: bytes | bytearray | memoryview,  # noqa: ARG002 - the Reader's signature
        timeout: int,  # noqa: ARG002 - as above
        flags: int | None,  # noqa: ARG002 - as above
        max_length: int,  # noqa: ARG002 - as above
    ) -> bytes:
        """Raises `OSError`: messages are no stream of bytes."""
        _no_stream("recv_until")

    def expect(
        self,
        patterns: Iterable[bytes | re.Pattern[bytes]],
        timeout: int,  # noqa: ARG002 - the Reader's signature
        flags: int | None,  # noqa: ARG002 - as above
        max_length: int,  # noqa: ARG002 - as above
    ) -> Expected | None:
        """Raises `OSError`: messages are no stream of bytes; `TypeError` as on any other socket."""
        from nimnet_runtime.patterns import Patterns  # and `re` with it, when it is needed

        Patterns(patterns)
        _no_stream("expect")

    def skip(self, size: int, timeout: int) -> int:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages are no stream of bytes."""
        _no_stream("skip")

    def has_data_buffered(self) -> bool:
        """Returns False: nothing is read ahead."""
        return False

    def lines(self, timeout: int, flags: int | None, max_length: int) -> Iterator[bytes]:  # noqa: ARG002 - the Reader's signature
        """Raises `OSError`: messages have no lines."""
        _no_stream("lines")


def check_receiving(length: int, flags: int) -> None:
    """Refuses what no message can be received with.

    Args:
        length: The most bytes.
        flags: The system's `MSG_*` bits.

    Raises:
        OSError: `EINVAL`.
    """
    if length < 0:
        raise errors.invalid(f"length must be 0 or more, not {errors.spelled(length)}")
    if flags & ~_RECEIVE_FLAGS:
        raise errors.invalid("flags may hold MSG_PEEK, MSG_OOB and MSG_WAITALL only")


def send_to_first(
    mailbox: Mailbox,
    addresses: Sequence[Resolved],
    data: bytes | memoryview,
    flags: int,
    deadline: Deadline,
) -> int:
    """Sends one message to the first of `addresses` that the system can send it to.

    Returns:
        How many bytes it has.

    Raises:
        TimeoutError: There was no room in time.
        OSError: It could be sent to none; the error is the first address's.
    """
    if flags:
        _check_send_flags(flags)
    failure: OSError | None = None
    for _, sockaddr in addresses:
        try:
            return mailbox.send(sockaddr, data, flags | MSG_NOSIGNAL, deadline)
        except errors.TimeoutError:
            raise
        except OSError as error:
            failure = failure or error
    assert failure is not None
    try:
        raise failure
    finally:
        del failure  # or it would keep this call, which its traceback knows


def send_to_path(
    descriptor: Descriptor,
    mailbox: Mailbox,
    path: str,
    data: bytes | memoryview,
    flags: int,
    deadline: Deadline,
) -> None:
    """Sends one message to the Unix socket at `path`, waiting while that has no room.

    Raises:
        TimeoutError: There was no room in time.
        OSError: `path` cannot be a socket's path, or it could not be sent there.
    """
    _check_send_flags(flags)
    name, flags = checked_path(path), flags | MSG_NOSIGNAL | MSG_DONTWAIT

    # Poll asks about the room of a connected peer, which is not here; and the wait that the system
    # offers, a blocking call, cannot be ended by close().
    try:
        descriptor.exclusively(
            descriptor.writing,
            lambda: descriptor.ask_again(
                lambda: _has_room(mailbox, data, flags, name),
                deadline,
                "waiting for room with the receiver",
            ),
            deadline,
        )
    except errors.TimeoutError:
        raise
    except OSError as error:
        raise errors.in_context(error, f"send to {shown(path)}") from None


def _has_room(mailbox: Mailbox, data: bytes | memoryview, flags: int, name: bytes) -> bool:
    try:
        mailbox.give(name, data, flags)
        return True
    except BlockingIOError:
        return False


def _check_send_flags(flags: int) -> None:
    if flags & ~_SEND_FLAGS:
        raise errors.invalid(
            "flags may hold MSG_OOB, MSG_DONTROUTE, MSG_EOR, MSG_MORE, MSG_CONFIRM and "
            "MSG_NOSIGNAL only"
        )


def _no_stream(name: str) -> NoReturn:
    raise errors.unsupported(f"{name} needs a stream socket; on this one use recv or recv_from")
