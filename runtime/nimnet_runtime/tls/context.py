"""What `SslContext` stands on, and how an endpoint becomes a TLS endpoint."""

from __future__ import annotations

import _socket as socket
from typing import Final, NoReturn

from nimnet_runtime import errors
from nimnet_runtime.deadline import Deadline, within
from nimnet_runtime.descriptor import Descriptor, unconnected_error
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.sessions import TlsSession
from nimnet_runtime.stream import Security, Stream, ended_error
from nimnet_runtime.tls import resumption, verification
from nimnet_runtime.tls.handshake import not_begun_error
from nimnet_runtime.tls.protection import Unbegun
from nimnet_runtime.tls.settings import Settings
from nimnet_runtime.tls.stream import TlsStream


class HandshakeType:
    """The ordinals of `SslHandshakeType`."""

    HANDSHAKE_AS_CLIENT: Final = 0
    HANDSHAKE_AS_SERVER: Final = 1


class Context(Settings):
    """Settings for TLS connections, and the endpoints that are made to use them.

    It is the `Security` of these endpoints.
    """

    __slots__ = ()

    def wrap_socket(self, endpoint: Endpoint, session: TlsSession | None = None) -> None:
        """Makes an unconnected endpoint one whose connections speak TLS.

        Args:
            endpoint: It.
            session: What its connections offer to resume; None for nothing.

        Raises:
            OSError: It is closed, no stream socket, or in use by another thread.
            SslError: It is wrapped or connected already, the context was destroyed, or `session` is
                not one of this context's.
        """
        self._check_wrappable(endpoint)
        security = self if session is None else self.resuming(session)
        try:
            endpoint.descriptor.alone(lambda: self._wrap_unconnected(endpoint, security), "wrap it")
        except OSError as error:
            raise endpoint.descriptor.named(error, "wrap_socket on") from error.__cause__

    def _wrap_unconnected(self, endpoint: Endpoint, security: Security) -> None:
        if endpoint.is_ssl():  # another thread was faster
            raise _already_error()
        # What a peer that has left again has sent may be here still: to ask the system for the
        # peer's name would not do.
        if endpoint.descriptor.had_a_peer():
            raise SslError("the socket is connected already: use wrap_connected_socket")
        endpoint.secure(security, _Unstarted())

    def wrap_connected_socket(
        self,
        endpoint: Endpoint,
        handshake: int,
        hostname: str,
        timeout: int,
        session: TlsSession | None = None,
    ) -> None:
        """Makes a connected endpoint speak TLS from here on, and completes the handshake.

        What the endpoint has read ahead belongs to the handshake; it never counts as data that
        TLS has protected. An LF that is still to come of a line that ended with CR LF belongs to
        that line: it is dropped, and no line state passes from the plaintext to what TLS protects.

        Raises:
            TimeoutError: The deadline passed; the next call goes on with the handshake.
            OSError: The endpoint is closed, unconnected, no stream socket or in use by another
                thread; `hostname` cannot be one; or the connection failed.
            SslError: It is wrapped already; the context was destroyed, or verifies and there is
                no `hostname`; `session` cannot be offered; or the handshake failed.
        """
        deadline = within(timeout, "wrap_connected_socket with", endpoint)
        if handshake not in (
            HandshakeType.HANDSHAKE_AS_CLIENT,
            HandshakeType.HANDSHAKE_AS_SERVER,
        ):
            raise errors.invalid(
                f"handshake must be one of SslHandshakeType, not {errors.spelled(handshake)}"
            )
        self._check_wrappable(endpoint)
        if endpoint.stream.ended:
            raise ended_error()
        endpoint.get_peer_addr()
        is_server = handshake == HandshakeType.HANDSHAKE_AS_SERVER
        if is_server and session is not None:
            raise _server_error()
        stream = TlsStream(
            endpoint.descriptor, self, server=is_server, hostname=hostname, offered=session
        )
        endpoint.descriptor.alone(lambda: self._take_over(endpoint, stream), "wrap it")
        stream.handshake(deadline)

    def _take_over(self, endpoint: Endpoint, stream: TlsStream) -> None:
        if endpoint.is_ssl():  # another thread was faster
            raise _already_error()
        rest, after_cr = endpoint.reader.read_ahead()
        if after_cr:
            stream.drop_line_feed()
        stream.feed(rest)
        endpoint.secure(self, stream)

    def check_unnamed(self) -> None:
        """See `Security.check_unnamed`."""
        self.check_alive()
        if self.verifies and self.functions.client is None:
            raise SslError(
                "C_VERIFY_PEER needs to know whose certificate to expect, and a path does not tell:"
                " connect a socket that is not wrapped, and give the host name to"
                " wrap_connected_socket"
            )

    def check_named(self, host: str, argument: str = "address") -> None:
        """See `Security.check_named`."""
        self.check_alive()
        name = verification.server_name(argument, host)
        if self.verifies:
            verification.check_verifiable(name)

    def client_stream(self, descriptor: Descriptor, hostname: str) -> TlsStream:
        """See `Security.client_stream`."""
        return TlsStream(descriptor, self, server=False, hostname=hostname)

    def server_stream(self, descriptor: Descriptor) -> TlsStream:
        """See `Security.server_stream`."""
        return TlsStream(descriptor, self, server=True)

    def resuming(self, session: TlsSession) -> Security:
        """See `Security.resuming`."""
        return _Resuming(self, session)

    def _check_wrappable(self, endpoint: Endpoint) -> None:
        endpoint.descriptor.use()
        if endpoint.sock_type != socket.SOCK_STREAM:
            raise errors.unsupported("TLS needs a stream socket; this one is none")
        if endpoint.is_ssl():
            raise _already_error()
        self.check_alive()


class _Resuming(Security):
    """A context whose connections offer a session."""

    __slots__ = ("_context", "_session")

    def __init__(self, context: Context, session: TlsSession) -> None:
        """Offers `session` in connections of `context`.

        Raises:
            SslError: It is not one of the context's.
        """
        keyed = context.functions.are_for(server=False)
        resumption.check_context(session, context.context, keyed=keyed)
        self._context = context
        self._session = session

    def check_unnamed(self) -> None:
        """See `Security.check_unnamed`."""
        self._context.check_unnamed()

    def check_named(self, host: str, argument: str = "address") -> None:
        """See `Security.check_named`; the session is one with this host, too."""
        self._context.check_named(host, argument)
        resumption.check_name(self._session, verification.server_name(argument, host))

    def client_stream(self, descriptor: Descriptor, hostname: str) -> TlsStream:
        """See `Security.client_stream`."""
        return TlsStream(
            descriptor, self._context, server=False, hostname=hostname, offered=self._session
        )

    def server_stream(self, descriptor: Descriptor) -> TlsStream:  # noqa: ARG002 - an interface's
        """Fails: a server offers no session."""
        raise _server_error()

    def resuming(self, session: TlsSession) -> Security:
        """Offers another session."""
        return self._context.resuming(session)


def _server_error() -> SslError:
    """Returns the error for a server that is to offer a session."""
    return SslError(
        "a client offers a session, and this is a server: its session_id_context lets clients"
        " resume theirs"
    )


def _already_error() -> SslError:
    """Returns the error for a socket that is to be wrapped again."""
    return SslError("the socket is a TLS socket already")


class _Unstarted(Stream):
    """The stream of a wrapped socket before connect: nothing may pass in the clear."""

    __slots__ = ()

    def __init__(self) -> None:
        """Has no session yet."""
        self.protection = Unbegun()

    def _refuse(self, *_: object) -> NoReturn:
        raise not_begun_error()

    def receive_to(self, arrived: list[bytes], size: int, deadline: Deadline) -> None:
        """Fails."""
        self._refuse(arrived, size, deadline)

    def receive_into(self, view: memoryview, counts: list[int], deadline: Deadline) -> None:
        """Fails."""
        self._refuse(view, counts, deadline)

    def peek(self, size: int, deadline: Deadline) -> bytes:
        """Fails."""
        self._refuse(size, deadline)

    def send(self, data: bytes | memoryview, deadline: Deadline) -> None:
        """Fails."""
        self._refuse(data, deadline)

    def send_eof(self, deadline: Deadline) -> None:  # noqa: ARG002 - the Stream's signature
        """Fails."""
        raise unconnected_error()

    def told(self, call: str) -> str:
        """Returns the call: there is no peer yet."""
        return call

    def pending(self) -> int:
        """Returns 0."""
        return 0

    def waiting(self, deadline: Deadline) -> int:
        """Fails."""
        self._refuse(deadline)

    def close(self) -> None:
        """Has nobody to take leave of."""
