"""A socket: its descriptor, its stream, its reader, and what is said to it by name.

What generated code calls. Sizes are bytes, timeouts milliseconds (-1: none, 0: now or
`TimeoutError`), flags bits of `SocketFlag`, addresses text. A closed socket answers every call that
would connect it, name it or move data with `OSError` (`EBADF`).
"""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from functools import partial

from nimnet_runtime import accepting, connecting, datagram, errors, options, platform
from nimnet_runtime.buffers import as_bytes, first_bytes
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.description import (
    family_name,
    host_and_port,
    kind,
    protocol_hint,
    shown,
    whereabouts,
)
from nimnet_runtime.descriptor import Descriptor, adopt, open_socket, unopened
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.reader import Reader
from nimnet_runtime.resolution import fault, resolve
from nimnet_runtime.stream import PlainStream, SecureStream, Security, Stream, retired_error

_TYPE_FLAGS = int(getattr(socket, "SOCK_NONBLOCK", 0) | getattr(socket, "SOCK_CLOEXEC", 0))
_CONNECTION_TYPES = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)
_IP_FAMILIES = (socket.AF_INET, socket.AF_INET6)


class Endpoint:
    """One end of a connection, a listener, or a datagram socket.

    Attributes:
        descriptor: The system's socket and its locks.
        domain: The address family.
        sock_type: `SOCK_STREAM`, `SOCK_DGRAM`, ...
        protocol: `IPPROTO_TCP`, ...
        buffered: Whether the reader reads ahead.
        mailbox: Takes what comes as messages with a sender.
        stream: Where bytes go and come from.
        reader: Reads from the stream.
        security: What protects the connections of a TLS socket; None on any other.
    """

    __slots__ = (
        "buffered",
        "descriptor",
        "domain",
        "mailbox",
        "protocol",
        "reader",
        "security",
        "sock_type",
        "stream",
    )

    def __init__(
        self, descriptor: Descriptor, domain: int, sock_type: int, protocol: int, buffered: bool
    ) -> None:
        """Owns `descriptor`."""
        self.descriptor = descriptor
        self.domain = domain
        self.sock_type = sock_type
        self.protocol = protocol
        self.buffered = buffered
        self.security: Security | None = None
        self.mailbox = datagram.Mailbox(descriptor)
        self.stream: Stream
        self.reader: Reader
        if sock_type == socket.SOCK_STREAM:
            self.stream = PlainStream(descriptor)
            self.reader = ReadAhead(self.stream, buffered)
        else:
            messages = datagram.DatagramStream(descriptor, self.mailbox)
            self.stream = messages
            self.reader = datagram.DatagramReader(messages)
        if descriptor.closed:
            self.reader.close()

    @classmethod
    def create(cls, domain: int, sock_type: int, protocol: int, buffered: bool) -> Endpoint:
        """Returns a new socket, blocking and not inherited by child processes.

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
            except OSError as error:
                hint = protocol_hint(domain, sock_type, protocol)
                raise errors.in_context(error, f"create a socket{hint}") from None
            descriptor = Descriptor(sock, connected=False)
            return cls(descriptor, domain, sock_type, protocol, buffered)
        except BaseException:
            sock.close()
            raise

    @classmethod
    def adopt(cls, fd: int, domain: int, sock_type: int, protocol: int, buffered: bool) -> Endpoint:
        """Returns the owner of an open descriptor; never raises.

        What is no socket gives an endpoint that is closed.
        """
        sock_type &= ~_TYPE_FLAGS
        sock = unopened()
        try:
            descriptor = adopt(sock, fd, domain, sock_type, protocol)
            return cls(descriptor, domain, sock_type, protocol, buffered)
        except BaseException:
            sock.detach()  # a signal handler has raised: the descriptor is still the caller's
            raise

    # Names of its own: what it is bound to, listens on, is connected to.

    def bind_addr(self, port: int, address: str) -> None:
        """Binds to a local address, `""` for all of them.

        Raises:
            ValueError: `address` or `port` cannot be one.
            OSError: The address is not to be had, or this is no IP socket.
        """
        self._require_ip("bind_addr", "bind_unix(path)")
        if address == "":
            address = "::" if self.domain == socket.AF_INET6 else "0.0.0.0"
        wrong = fault(address, port)
        if wrong:
            raise ValueError(wrong)
        self.descriptor.use()
        found = resolve(address, port, self.domain, self.sock_type, UNBOUNDED, self.descriptor)
        _, sockaddr = found[0]
        self._bind(sockaddr, shown(sockaddr))
        self.descriptor.bound = port != 0  # else the system has chosen it

    def bind_unix(self, path: str) -> None:
        """Binds to a new Unix socket at `path`, which stays there after the socket is closed.

        Raises:
            OSError: `path` cannot be a socket's path or exists already, or this is no Unix socket.
        """
        self._require_unix("bind_unix", "bind_addr(port)")
        self._bind(connecting.checked_path(path), path)

    def _bind(self, sockaddr: bytes | tuple[str | int, ...], where: str) -> None:
        try:
            self.descriptor.use().bind(sockaddr)
        except OSError as error:
            raise errors.in_context(error, f"bind to {where}") from None

    def listen(self, backlog: int) -> None:
        """Lets peers connect; up to `backlog` of them wait to be accepted.

        Raises:
            OSError: This socket cannot listen.
        """
        errors.check_c_int("backlog", backlog)
        if backlog < 0:
            raise errors.invalid(f"backlog must be 0 or more, not {backlog}")
        try:
            self.descriptor.use().listen(backlog)
        except OSError as error:
            raise errors.in_context(error, "listen") from None

    def get_local_addr(self) -> tuple[str, int]:
        """Returns the address (a path for Unix sockets) and port this socket is bound to.

        Raises:
            OSError: The socket is closed.
        """
        return host_and_port(self.descriptor.use().getsockname())

    def get_peer_addr(self) -> tuple[str, int]:
        """Returns the address (a path for Unix sockets) and port of the peer.

        Raises:
            OSError: There is no peer (`ENOTCONN`).
        """
        return host_and_port(self.descriptor.use().getpeername())

    # Connections.

    def connect(self, address: str, port: int) -> None:
        """Connects without a deadline; see `connect_within`."""
        self.connect_within(address, port, -1)

    def connect_within(self, address: str, port: int, timeout: int) -> None:
        """Connects to the first address of a host that accepts.

        Raises:
            TimeoutError: Resolving and connecting took longer than `timeout`; the socket can
                be connected again.
            OSError: An argument is wrong, the name was not found, or every address failed.
        """
        deadline = Deadline(timeout)
        self._require_ip("connect", "connect_unix(path)")
        self.descriptor.use()
        if self.security is not None:
            self.security.check_named(address)
        addresses = resolve(address, port, self.domain, self.sock_type, deadline, self.descriptor)
        begin = self._session_with(address)
        connecting.connect_to_first(self.descriptor, addresses, deadline, begin)
        self._shake_hands(deadline)

    def connect_unix(self, path: str, timeout: int) -> None:
        """Connects to the Unix socket at `path`.

        Raises:
            TimeoutError: The listener's backlog was full for that long.
            OSError: `path` cannot be a socket's path, nobody listens there, or this is no Unix
                socket.
            SslError: This socket was wrapped in a context that verifies host names, which a path
                does not have; or the handshake failed.
        """
        deadline = Deadline(timeout)
        self._require_unix("connect_unix", "connect(address, port)")
        if self.security is not None:
            self.security.check_unnamed()
        connecting.connect_to_path(self.descriptor, path, deadline, self._session_with(""))
        self._shake_hands(deadline)

    def accept(self, flags: int, timeout: int) -> Endpoint:
        """Returns the next connection; see `accept_addr`."""
        return self.accept_addr(flags, timeout)[0]

    def accept_addr(self, flags: int, timeout: int) -> tuple[Endpoint, str]:
        """Returns the next connection and its peer's address (`""` for an unbound Unix socket).

        The new socket has this one's domain, type, protocol and buffering.

        Raises:
            TimeoutError: Nobody connected in time.
            OSError: This socket does not listen, no descriptor is left, or the peer has gone
                before it was accepted and `flags` has no `SAFE_DISCONN`.
        """
        errors.check_flags(flags)
        deadline = Deadline(timeout)
        if self.sock_type not in _CONNECTION_TYPES:
            raise errors.unsupported("accept needs a stream socket; on this one use recv_from")
        sock = unopened()
        try:
            address = accepting.accept(self.descriptor, sock, flags, deadline)
            descriptor = Descriptor(sock)
            client = Endpoint(descriptor, self.domain, self.sock_type, self.protocol, self.buffered)
            if self.security is not None:
                client.secure(self.security, self.security.server_stream(descriptor))
            return client, address
        except BaseException:  # also where the context was destroyed meanwhile
            sock.close()
            raise

    # TLS.

    def secure(self, security: Security, stream: Stream) -> None:
        """Lets `stream` carry the connection from here on, protected by `security`."""
        plain = self.stream
        end_iterations = self.reader.follow(stream)
        # No call until all have followed: no signal handler may raise in between.
        self.mailbox.retired = True
        self.security = security
        self.stream = stream
        plain.retire()
        end_iterations()

    def is_ssl(self) -> bool:
        """Tells whether this is a TLS socket."""
        return self.security is not None

    def handshake(self, timeout: int) -> None:
        """Completes the TLS handshake, if that has not been done.

        Raises:
            TimeoutError: The deadline passed; the next call goes on with the handshake.
            OSError: The connection failed, or this is no connected TLS socket.
            SslError: The handshake failed, now or before.
        """
        deadline = Deadline(timeout)
        self.descriptor.use()
        if not isinstance(self.stream, SecureStream):
            raise OSError(errno.ENOTCONN, "handshake needs a connected TLS socket")
        self.stream.handshake(deadline)

    def get_psk_identity(self) -> str:
        """Returns the PSK identity that the client authenticated with; "" for none."""
        return self.stream.psk_identity() if isinstance(self.stream, SecureStream) else ""

    def _session_with(self, hostname: str) -> Callable[[], None]:
        """Prepares the TLS session of a connection, if there is to be one; returns its beginning.

        That is for the one whose turn to connect it is, before there is a connection: wherever a
        signal handler raises, what is connected has its session, and `handshake` goes on with it.
        """
        security = self.security
        stream = None if security is None else security.client_stream(self.descriptor, hostname)

        def begin() -> None:
            if self.security is not security:
                raise retired_error()  # wrapped since then: this connection would have no session
            # The session of a connection that is there stays: the system will say EISCONN.
            there = self.descriptor.connected and isinstance(self.stream, SecureStream)
            if security is not None and stream is not None and not there:
                self.secure(security, stream)

        return begin

    def _shake_hands(self, deadline: Deadline) -> None:
        """Does the handshake of an endpoint that was just connected, if it is to have one."""
        if isinstance(self.stream, SecureStream):
            self.stream.handshake(deadline)

    def close(self) -> None:
        """Closes the socket; calls waiting in other threads fail.

        Again: finishes what a signal handler that raised has left, if there is anything.

        Raises:
            OSError: The system could not finish an earlier write, or a callback of the TLS context
                raised an exception; the socket is closed.
        """
        try:
            self.descriptor.close(self.stream.close)
        finally:
            self.reader.close()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self.descriptor.closed

    def fileno(self) -> int:
        """Returns the descriptor's number, -1 once closed."""
        return self.descriptor.fileno()

    def get_fd(self) -> int:
        """Returns the descriptor's number, -1 once closed."""
        return self.descriptor.fileno()

    # Sending; receiving is the reader's.

    def send(
        self,
        data: bytes | bytearray | memoryview,
        flags: int = errors.SAFE_DISCONN,
        timeout: int = -1,
    ) -> None:
        """Sends all of `data`, once and in order; the defaults are those of Nim's `&=`.

        Raises:
            TimeoutError: Not all was accepted in time; the message says how much was.
            OSError: The connection failed and `flags` has no `SAFE_DISCONN`, or another failure.
            SslError: TLS failed.
        """
        deadline = UNBOUNDED if timeout == -1 else Deadline(timeout)
        if flags != SAFE_DISCONN:
            errors.check_flags(flags)
        try:
            if type(data) is bytes:
                # The most common: no look at their layout, and nobody misses a release.
                self.stream.send(memoryview(data), deadline)
            else:
                with as_bytes(data) as view:
                    self.stream.send(view, deadline)
        except OSError as error:
            if not errors.is_disconnection_error(flags, error.errno or 0):
                raise

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
                self.stream.send(view, UNBOUNDED)
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
        self._require_plain("recv_from", "recv")
        return datagram.receive_from(self.mailbox, length, flags, Deadline(timeout))

    def send_to(
        self, address: str, port: int, data: bytes | bytearray | memoryview, timeout: int
    ) -> None:
        """Sends `data` as one message to the first usable address of a host.

        Raises:
            TimeoutError: Resolving and sending took longer than `timeout`.
            OSError: An argument is wrong, the name was not found, or sending failed.
        """
        with as_bytes(data) as view:
            self._send_to(address, port, view, self.domain, 0, timeout)

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
        self, address: str, port: int, data: memoryview, af: int, flags: int, timeout: int
    ) -> None:
        deadline = Deadline(timeout)
        self._require_ip("send_to", "connect_unix(path) and send")
        self._require_plain("send_to", "send")
        errors.check_c_int("flags", flags)
        errors.check_c_int("af", af)
        if af != self.domain:
            own = family_name(self.domain)
            raise errors.invalid(
                f"af must be {own}, the family of the socket, not {family_name(af)}"
            )
        self.descriptor.use()
        addresses = resolve(address, port, af, self.sock_type, deadline, self.descriptor)
        datagram.send_to_first(self.descriptor, self.mailbox, addresses, data, flags, deadline)

    # Options, errors, and how it looks.

    def get_sock_opt(self, opt: int, level: int) -> bool:
        """Returns whether an option (ordinal of `SOBool`) is on; see `options.get_option`."""
        return options.get_option(self.descriptor.use(), opt, level)

    def set_sock_opt(self, opt: int, value: bool, level: int) -> None:
        """Turns an option (ordinal of `SOBool`) on or off; see `options.set_option`."""
        options.set_option(self.descriptor.use(), opt, value, level)

    def get_socket_error(self) -> int:
        """Returns the last error number that a low-level form stored.

        Raises:
            OSError: None is stored.
        """
        if not self.reader.last_error:
            raise errors.invalid("no error is recorded on this socket")
        return self.reader.last_error

    def socket_error(self, err: int, async_: bool, last_error: int) -> None:
        """Raises the error that a low-level form stored.

        Args:
            err: The result of that form; nothing is raised when it is 0 or more.
            async_: Whether "nothing was ready" is no error.
            last_error: The error number to raise; -1 for the one that is stored.

        Raises:
            OSError: As asked; or no error is stored.
        """
        if err >= 0:
            return
        number = self.get_socket_error() if last_error == -1 else last_error
        if async_ and errors.is_nothing_ready(number):
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

    def _require_ip(self, name: str, instead: str) -> None:
        if self.domain not in _IP_FAMILIES:
            raise errors.invalid(f"{name} needs an IP socket; on this one use {instead}")

    def _require_unix(self, name: str, instead: str) -> None:
        if self.domain != platform.AF_UNIX:
            raise errors.invalid(f"{name} needs an AF_UNIX socket; on this one use {instead}")

    def _require_plain(self, name: str, instead: str) -> None:
        if self.security is not None:
            raise errors.unsupported(f"{name} does not work on a TLS socket; use {instead}")
