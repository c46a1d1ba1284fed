"""A socket as a whole: made or taken over, with its names, connections, data and messages.

What generated code calls. Sizes are bytes, timeouts milliseconds (-1: none, 0: now or
`TimeoutError`), flags bits of `SocketFlag` or None for the socket's own, addresses text. A closed
socket answers every call that would connect it, name it or move data with `OSError` (`EBADF`).
"""

from __future__ import annotations

import _socket as socket
import os
from collections.abc import Callable
from functools import partial

from nimnet_runtime import datagram, errors, platform
from nimnet_runtime.address import format_ip_address
from nimnet_runtime.buffers import as_bytes, first_bytes
from nimnet_runtime.connection import Connection
from nimnet_runtime.deadline import endless, within
from nimnet_runtime.description import (
    Destination,
    family_name,
    host_and_port,
    kind,
    packed_and_port,
    protocol_hint,
    whereabouts,
)
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.opening import (
    adopt,
    check_plain_socket,
    let_inherit,
    open_socket,
    unopened,
)
from nimnet_runtime.platform import MSG_NOSIGNAL, MSG_PEEK
from nimnet_runtime.resolution import literal, resolve
from nimnet_runtime.stream import SecureStream
from nimnet_runtime.system import Socket, close_descriptor

_TYPE_FLAGS = int(getattr(socket, "SOCK_NONBLOCK", 0) | getattr(socket, "SOCK_CLOEXEC", 0))


class Endpoint(Connection):
    """One end of a connection, a listener, or a datagram socket."""

    __slots__ = ()

    @classmethod
    def create(
        cls,
        domain: int,
        sock_type: int,
        protocol: int,
        buffered: bool,
        inheritable: bool = False,
        safe_disconn: bool = True,
    ) -> Endpoint:
        """Returns a new socket, blocking, and inherited by child processes only if that is asked.

        Raises:
            OSError: The platform has no such combination, or there are no descriptors left.
        """
        for name, value in (("domain", domain), ("sock_type", sock_type), ("protocol", protocol)):
            errors.check_c_int(name, value)
            if value == -1:  # no number of the system's, and Python would take it for a default
                raise errors.invalid(f"{name} must be a number that the system knows, not -1")
        sock_type &= ~_TYPE_FLAGS
        sock = unopened()
        try:
            try:
                open_socket(sock, domain, sock_type, protocol)
                if inheritable:
                    let_inherit(sock)
            except OSError as error:
                hint = protocol_hint(domain, sock_type, protocol)
                raise errors.in_context(error, f"create a socket{hint}") from None
            descriptor = Descriptor(sock, connected=False)
            return cls(descriptor, domain, sock_type, protocol, buffered, safe_disconn)
        except BaseException:
            sock.close()
            raise

    @classmethod
    def adopt(
        cls,
        fd: int,
        domain: int | None,
        sock_type: int | None,
        protocol: int | None,
        buffered: bool,
        safe_disconn: bool = True,
    ) -> Endpoint:
        """Returns the owner of an open descriptor; never raises.

        What is no socket, or another one than the caller says, stays the caller's: the endpoint is
        closed, and each of its calls raises why.

        Args:
            fd: The descriptor.
            domain: Its family; None asks the system.
            sock_type: Its type; None asks the system.
            protocol: Its protocol; None asks the system.
            buffered: Whether reads are buffered.
            safe_disconn: Whether calls without flags have `SAFE_DISCONN`.
        """
        sock = unopened()
        try:
            return cls._owner(sock, fd, domain, sock_type, protocol, buffered, safe_disconn)
        except BaseException:
            sock.detach()  # a signal handler has raised: the descriptor is still the caller's
            raise

    @classmethod
    def from_socket(
        cls, sock: socket.socket, buffered: bool, safe_disconn: bool = True
    ) -> Endpoint:
        """Returns the owner of a socket of Python's, which is left without a descriptor.

        Raises:
            OSError: `sock` is closed, or protected by TLS; it stays the caller's.
        """
        check_plain_socket(sock)
        own = unopened()
        try:
            fd = sock.fileno()
            endpoint = cls._owner(own, fd, None, None, None, buffered, safe_disconn)
            endpoint.descriptor.use()
            sock.detach()
            return endpoint
        except BaseException:
            if sock.fileno() < 0:  # a signal handler has raised, and nobody else has it any more
                own.close()
            else:
                own.detach()
            raise

    @classmethod
    def _owner(
        cls,
        sock: Socket,
        fd: int,
        domain: int | None,
        sock_type: int | None,
        protocol: int | None,
        buffered: bool,
        safe_disconn: bool,
    ) -> Endpoint:
        """Opens `sock`, which the caller keeps, with a descriptor; see `adopt`."""
        if sock_type is not None:
            sock_type &= ~_TYPE_FLAGS
        descriptor = adopt(sock, fd, domain, sock_type, protocol)
        if descriptor.closed:
            domain = platform.AF_INET if domain is None else domain
            sock_type = platform.SOCK_STREAM if sock_type is None else sock_type
            protocol = platform.IPPROTO_TCP if protocol is None else protocol
        else:
            domain, sock_type, protocol = sock.family, sock.type, sock.proto
        return cls(descriptor, domain, sock_type, protocol, buffered, safe_disconn)

    def detach(self) -> tuple[int, bytes]:
        """Returns the descriptor and what was read ahead of it; the endpoint is closed then.

        An LF that has come and belongs to the last line's end, a CR, is taken along.

        Raises:
            OSError: The endpoint is closed, another thread is in a call, or TLS protects the
                connection.
        """
        given: list[int] = []
        self._require_no_keys()
        try:
            self.reader.settle_line_end()
            ahead = self.descriptor.alone(lambda: self._give_away(given), "detach it")
            self.close()
            return given[0], ahead
        except BaseException:
            if given:  # a signal handler has raised: nobody has it
                close_descriptor(given[0])
            raise

    def _give_away(self, given: list[int]) -> bytes:
        self._require_no_keys()  # again: until it is this call's turn, another may wrap it
        ahead, _ = self.reader.read_ahead()
        held = self.mailbox.held
        if held is not None:
            ahead += held[0]
        self.descriptor.give_away(given)
        return ahead

    # Sending; receiving is the reader's.

    def send(
        self,
        data: bytes | bytearray | memoryview,
        flags: int | None = None,
        timeout: int = -1,
    ) -> None:
        """Sends all of `data`, once and in order; the defaults are those of Nim's `&=`.

        Raises:
            TimeoutError: Not all was accepted in time; the message says how much was, and so does
                `characters_written`, which all of these have, 0 included.
            OSError: The connection failed and `flags` has no `SAFE_DISCONN`, or another failure.
            SslError: TLS failed.
        """
        deadline = within(timeout, "send to", self)
        if flags is not None and flags != SAFE_DISCONN:
            errors.check_flags(flags)
        try:
            if type(data) is bytes:
                # The most common: no look at their layout, and nobody misses a release.
                self.stream.send(data, deadline)
            else:
                with as_bytes(data) as view:
                    self.stream.send(view, deadline)
        except OSError as error:
            if flags is None:
                flags = self.reader.own_flags
            if not self.stream.ended and errors.is_disconnection_error(flags, error.errno or 0):
                return
            if not hasattr(error, "characters_written"):
                errors.after_writing(error, 0)  # it had not begun
            raise

    def send_eof(self, timeout: int) -> None:
        """Ends what this side sends: the peer reads all of it, and then an end.

        Raises:
            TimeoutError: What was sent before was not accepted in time; the next call goes on.
            OSError: There is no connection, or the peer is gone and the socket was made without
                `SAFE_DISCONN`.
            SslError: TLS failed.
        """
        deadline = within(timeout, "send_eof to", self)
        try:
            self.stream.send_eof(deadline)
        except OSError as error:
            if not errors.is_disconnection_error(self.reader.own_flags, error.errno or 0):
                raise self.descriptor.named(error, "send_eof to") from error.__cause__

    def send_or_error(self, data: memoryview, size: int) -> int:
        """Sends the first `size` bytes of `data`; raises nothing.

        Returns:
            `size`, or -1 after an error, which is then the socket's last error.
        """
        return size if self._sends(partial(first_bytes, data, size)) else -1

    def try_send(self, data: bytes | bytearray | memoryview) -> bool:
        """Sends all of `data`; tells whether that succeeded instead of raising."""
        return self._sends(partial(as_bytes, data))

    def _sends(self, exported: Callable[[], memoryview]) -> bool:
        try:
            with exported() as view:
                self.stream.send(view, within(-1, "send to", self))
        except (OSError, errors.SslError, MemoryError) as error:
            self.reader.last_error = errors.number_of(error)
            return False
        return True

    # Datagrams.

    def recv_from(self, length: int, flags: int, timeout: int) -> tuple[bytes, str, int]:
        """Returns one message, its sender's address and port.

        Raises:
            TimeoutError: None came in time.
            OSError: An argument is wrong, or receiving failed.
        """
        if self.security is not None:
            self._require_plain("recv_from", "recv")
        deadline = within(timeout, "recv_from from", self)
        if flags or length < 0:
            datagram.check_receiving(length, flags)
        mailbox = self.mailbox
        data, sender = mailbox.next(length, flags, deadline)
        host, port = host_and_port(sender)
        if not flags & MSG_PEEK:
            mailbox.held = None
        return data, host, port

    def recv_from_ip(self, length: int, flags: int, timeout: int) -> tuple[bytes, bytes, int]:
        """Returns one message, the bytes of its sender's IP address, and the port.

        Raises:
            TimeoutError: None came in time.
            OSError: As `recv_from`; or this socket is for a stream, or not of IP.
        """
        self._require_messages("recv_from_ip", "recv")
        self._require_ip("recv_from_ip", "recv_from")
        deadline = within(timeout, "recv_from_ip on", self)
        datagram.check_receiving(length, flags)
        data, sender = self.mailbox.next(length, flags, deadline)
        packed, port = packed_and_port(sender)
        if not flags & MSG_PEEK:
            self.mailbox.held = None
        return data, packed, port

    def send_to(
        self, address: str, port: int, data: bytes | bytearray | memoryview, timeout: int
    ) -> None:
        """Sends `data` as one message to the first usable address of a host, or to a path.

        Raises:
            TimeoutError: Resolving and sending took longer than `timeout`.
            OSError: An argument is wrong, the name was not found, or sending failed.
        """
        if type(data) is bytes:
            # The most common: no look at their layout, and nobody misses a release.
            mailbox = self.mailbox
            usual = mailbox.usual
            if (
                usual is not None
                and usual[0] == address
                and usual[1] == port
                and not mailbox.retired
                and (deadline := endless(timeout)) is not None
            ):
                # The quick path: to where the last one went, however long that takes.
                mailbox.send(usual[2], data, MSG_NOSIGNAL, deadline)
                return
            self._send_to(address, port, data, self.domain, 0, timeout)
            return
        with as_bytes(data) as view:
            self._send_to(address, port, view, self.domain, 0, timeout)

    def send_to_ip(
        self,
        address: bytes,
        port: int,
        data: bytes | bytearray | memoryview,
        flags: int,
        timeout: int,
    ) -> int:
        """Sends `data` as one message to the IP address of 4 or 16 bytes; asks no resolver.

        Returns:
            How many bytes were sent.

        Raises:
            TimeoutError: There was no room in time.
            OSError: An argument is wrong, this socket is for a stream, or sending failed.
        """
        self._require_messages("send_to", "send")
        self._require_ip("send_to with an IpAddress", "send_to with a path")
        text = format_ip_address(address)
        if type(data) is bytes:
            return self._send_to(text, port, data, self.domain, flags, timeout)
        with as_bytes(data) as view:
            return self._send_to(text, port, view, self.domain, flags, timeout)

    def send_buffer_to(
        self,
        address: str,
        port: int,
        data: memoryview,
        size: int,
        af: int,
        flags: int,
        timeout: int,
    ) -> None:
        """Sends the first `size` bytes of `data` as one message; see `send_to`.

        Args:
            address: A host name or an IP address.
            port: 0..65535.
            data: The message.
            size: How much of it.
            af: The family of address to look for, which is the socket's own.
            flags: The system's `MSG_*` bits.
            timeout: Milliseconds for resolving and sending.

        Raises:
            TimeoutError, OSError: As `send_to`.
        """
        with first_bytes(data, size) as view:
            self._send_to(address, port, view, af, flags, timeout)

    def _send_to(
        self,
        address: str,
        port: int,
        data: bytes | memoryview,
        af: int,
        flags: int,
        timeout: int,
    ) -> int:
        place = None if self.domain == platform.AF_UNIX else port
        deadline = within(timeout, "send_to", Destination(address, place))
        if self.security is not None:
            self._require_plain("send_to", "send")
        if flags:
            errors.check_c_int("flags", flags)
        if af != self.domain:
            errors.check_c_int("af", af)
            own = family_name(self.domain)
            raise errors.invalid(
                f"af must be {own}, the family of the socket, not {family_name(af)}"
            )
        if self.descriptor.closed:
            self.descriptor.use()
        if af == platform.AF_UNIX:
            self._require_messages("send_to", "connect_unix(path) and send")
            if port:
                raise errors.invalid("port must be 0: a path is all of a Unix socket's address")
            datagram.send_to_path(self.descriptor, self.mailbox, address, data, flags, deadline)
            return len(data)
        if af != platform.AF_INET:
            self._require_ip("send_to", "connect_unix(path) and send")
        known = literal(address, port, af)
        if known is not None:
            self.mailbox.usual = (address, port, known[1])
            addresses = [known]
        else:
            addresses = resolve(address, port, af, self.sock_type, deadline, self.descriptor)
        return datagram.send_to_first(self.mailbox, addresses, data, flags, deadline)

    # Errors, and how it looks.

    def get_socket_error(self) -> int:
        """Returns the last error number that a low-level form stored.

        Raises:
            OSError: None is stored.
        """
        if not self.reader.last_error:
            raise errors.invalid("no error is recorded on this socket")
        return self.reader.last_error

    def socket_error(self, err: int, async_: bool, last_error: int, flags: int = 0) -> None:
        """Raises the error that a low-level form stored.

        Args:
            err: The result of that form; nothing is raised when it is 0 or more.
            async_: Whether "nothing was ready" is no error.
            last_error: The error number to raise; -1 for the one that is stored.
            flags: Whether a disconnection is no error.

        Raises:
            OSError: As asked; or no error is stored.
        """
        if err >= 0:
            return
        number = self.get_socket_error() if last_error == -1 else last_error
        if async_ and errors.is_nothing_ready(number):
            return
        if errors.is_disconnection_error(flags, number):
            return
        errors.check_c_int("last_error", number)
        if number < 1:
            raise errors.invalid(
                f"last_error must be an error number, or -1 for the socket's own, not {number}"
            )
        raise OSError(number, os.strerror(number))

    def describe(self) -> str:
        """Returns its kind, addresses and state in a few words; never raises."""
        words = ["TLS"] if self.security is not None else []
        words += kind(self.domain, self.sock_type)
        if self.closed:
            return " ".join([*words, "closed"])
        words += whereabouts(self.descriptor.sock)
        return " ".join([*words, "buffered" if self.buffered else "unbuffered"])

    def __repr__(self) -> str:
        """Returns the description in angle brackets, with the descriptor's number."""
        return f"<socket {self.fileno()}: {self.describe()}>"

    def _require_no_keys(self) -> None:
        if isinstance(self.stream, SecureStream):
            raise errors.unsupported(
                "detach does not work on a TLS connection, whose keys cannot be given away;"
                " detach the socket before it is wrapped"
            )

    def _require_messages(self, name: str, instead: str) -> None:
        self._require_plain(name, instead)
        if self.sock_type == platform.SOCK_STREAM:
            raise errors.unsupported(
                f"{name} needs a socket for datagrams; on this one use {instead}"
            )

    def _require_plain(self, name: str, instead: str) -> None:
        if self.security is not None:
            raise errors.unsupported(f"{name} does not work on a TLS socket; use {instead}")
