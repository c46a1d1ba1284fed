"""A socket's connections: made or accepted under a deadline, protected by TLS, ended."""

from __future__ import annotations

import _socket as socket
import errno
from collections.abc import Callable

from nimnet_runtime import accepting, connecting, datagram, errors
from nimnet_runtime.deadline import Deadline, within
from nimnet_runtime.description import Destination
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.errors import SAFE_DISCONN
from nimnet_runtime.forks import Heir
from nimnet_runtime.naming import NamedSocket
from nimnet_runtime.opening import unopened
from nimnet_runtime.platform import SOCK_STREAM
from nimnet_runtime.readahead import ReadAhead
from nimnet_runtime.reader import Reader
from nimnet_runtime.resolution import resolve
from nimnet_runtime.stream import PlainStream, SecureStream, Security, Stream, retired_error

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Self

_CONNECTION_TYPES = (socket.SOCK_STREAM, socket.SOCK_SEQPACKET)


class Connection(NamedSocket):
    """A socket, and who reads from it and writes to it while it is or may be connected.

    Attributes:
        buffered: Whether the reader reads ahead.
        safe_disconn: Whether calls that are given no flags have `SAFE_DISCONN`.
        mailbox: Takes what comes as messages with a sender.
        stream: Where bytes go and come from.
        reader: Reads from the stream.
        security: What protects the connections of a TLS socket; None on any other.
    """

    __slots__ = (
        "buffered",
        "mailbox",
        "reader",
        "safe_disconn",
        "security",
        "stream",
    )

    def __init__(
        self,
        descriptor: Descriptor,
        domain: int,
        sock_type: int,
        protocol: int,
        buffered: bool,
        safe_disconn: bool = True,
    ) -> None:
        """Owns `descriptor`."""
        super().__init__(descriptor, domain, sock_type, protocol)
        self.buffered: bool = buffered
        self.safe_disconn: bool = safe_disconn
        self.security: Security | None = None
        self.mailbox: datagram.Mailbox = datagram.Mailbox(descriptor)
        self.stream: Stream
        self.reader: Reader
        if sock_type == SOCK_STREAM:
            self.stream = PlainStream(descriptor)
            self.reader = ReadAhead(self.stream, buffered)
        else:
            ends = sock_type in _CONNECTION_TYPES
            messages = datagram.DatagramStream(descriptor, self.mailbox, ends=ends)
            self.stream = messages
            self.reader = datagram.DatagramReader(messages)
        self.reader.own_flags = SAFE_DISCONN if safe_disconn else 0
        self.reader.heirs = (self._heir,)
        if descriptor.closed:
            self.reader.close()

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
        deadline = within(timeout, "connect to", Destination(address, port))
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
        deadline = within(timeout, "connect_unix to", Destination(path))
        self._require_unix("connect_unix", "connect(address, port)")
        if self.security is not None:
            self.security.check_unnamed()
        connecting.connect_to_path(self.descriptor, path, deadline, self._session_with(""))
        self._shake_hands(deadline)

    def accept(self, flags: int | None, timeout: int) -> Self:
        """Returns the next connection; see `accept_addr`."""
        return self._accept("accept on", flags, timeout)[0]

    def accept_addr(self, flags: int | None, timeout: int) -> tuple[Self, str]:
        """Returns the next connection and its peer's address (`""` for an unbound Unix socket).

        The new socket has this one's domain, type, protocol, buffering and flags.

        Raises:
            TimeoutError: Nobody connected in time.
            OSError: This socket does not listen, no descriptor is left, or the peer has gone
                before it was accepted and `flags` has no `SAFE_DISCONN`.
        """
        return self._accept("accept_addr on", flags, timeout)

    def _accept(self, call: str, flags: int | None, timeout: int) -> tuple[Self, str]:
        if flags is None:
            flags = self.reader.own_flags
        errors.check_flags(flags)
        deadline = within(timeout, call, self)
        deadline.enter("waiting for a client")
        if self.sock_type not in _CONNECTION_TYPES:
            name = call.partition(" ")[0]
            raise errors.unsupported(f"{name} needs a stream socket; on this one use recv_from")
        sock = unopened()
        try:
            address = accepting.accept(self.descriptor, sock, flags, deadline)
            descriptor = Descriptor(sock)
            client = type(self)(
                descriptor,
                self.domain,
                self.sock_type,
                self.protocol,
                self.buffered,
                self.safe_disconn,
            )
            if self.security is not None:
                client.secure(self.security, self.security.server_stream(descriptor))
            return client, address
        except BaseException:  # also where the context was destroyed meanwhile
            sock.close()
            raise

    def secure(self, security: Security, stream: Stream) -> None:
        """Lets `stream` carry the connection from here on, protected by `security`."""
        plain = self.stream
        told = (Heir(stream),) if isinstance(stream, SecureStream) else ()
        end_iterations = self.reader.follow(stream)
        # No call until all have followed: no signal handler may raise in between.
        self.mailbox.retired = True
        self.security = security
        self.stream = stream
        self.reader.heirs = (self._heir, *told)
        plain.retire()
        end_iterations()

    def begin_session(self, security: Security, hostname: str, deadline: Deadline) -> None:
        """Lets a new connection begin with the handshake of TLS, as a client of `hostname`.

        Raises:
            TimeoutError: The deadline passed.
            OSError: The connection failed.
            SslError: The handshake failed, or the settings are not there any more.
        """
        self.secure(security, security.client_stream(self.descriptor, hostname))
        self._shake_hands(deadline)

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
        deadline = within(timeout, "handshake with", self)
        self.descriptor.use()
        if not isinstance(self.stream, SecureStream):
            raise OSError(errno.ENOTCONN, "handshake needs a connected TLS socket")
        self.stream.handshake(deadline)

    def _session_with(self, hostname: str) -> Callable[[], None]:
        """Prepares the TLS session of a connection, if there is to be one; returns its beginning.

        That is for the one whose turn to connect it is, before there is a connection: wherever a
        signal handler raises, what is connected has its session, and `handshake` goes on with it.
        """
        security = self.security
        stream = None if security is None else security.client_stream(self.descriptor, hostname)

        return lambda: self._begin_with(security, stream)

    def _begin_with(self, security: Security | None, stream: SecureStream | None) -> None:
        if self.security is not security:
            raise retired_error()  # wrapped since then: this connection would have no session
        # The session of a connection that is there stays: the system will say EISCONN.
        there = self.descriptor.connected and isinstance(self.stream, SecureStream)
        if security is not None and stream is not None and not there:
            self.secure(security, stream)

    def _shake_hands(self, deadline: Deadline) -> None:
        """Does the handshake of an endpoint that was just connected, if it is to have one."""
        if isinstance(self.stream, SecureStream):
            self.stream.handshake(deadline)

    def close(self, flags: int = SAFE_DISCONN) -> None:
        """Closes the socket; calls waiting in other threads fail.

        Again: finishes what a signal handler that raised has left, if there is anything.

        Raises:
            OSError: The system could not finish an earlier write, a callback of the TLS context
                raised an exception, or `flags` has no `SAFE_DISCONN` and the peer is gone before
                the goodbye of TLS or makes no room for data that was accepted; the socket is
                closed. Only for another flag it is not.
        """
        if flags != SAFE_DISCONN:
            errors.check_flags(flags)
        try:
            # A plain stream has nothing to say.
            self.descriptor.close(None if self.security is None else self.stream.close)
        except OSError as error:
            if not errors.is_disconnection_error(flags, error.errno or 0):
                raise errors.named(error, lambda: "close") from error.__cause__
        finally:
            self.reader.close()
