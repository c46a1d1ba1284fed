"""How an endpoint becomes a TLS endpoint: before it is connected, or while it is."""

from __future__ import annotations

import errno
import socket
from typing import TYPE_CHECKING, Final, NoReturn

from nimnet_runtime import errors
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.errors import SslError
from nimnet_runtime.stream import Stream
from nimnet_runtime.tls.stream import TlsStream

if TYPE_CHECKING:
    from nimnet_runtime.endpoint import Endpoint
    from nimnet_runtime.tls.context import Context

AS_CLIENT: Final = 0
AS_SERVER: Final = 1
"""`SslHandshakeType`, by position."""


class _Unstarted(Stream):
    """The stream of a wrapped socket that is not connected: nothing may pass in the clear."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise OSError(errno.ENOTCONN, "the TLS session starts with connect; it has not begun")

    def receive(self, size: int, deadline: Deadline) -> bytes:
        """Fails."""
        self._refuse(size, deadline)

    def receive_into(self, view: memoryview, deadline: Deadline) -> int:
        """Fails."""
        self._refuse(view, deadline)

    def peek(self, size: int, deadline: Deadline) -> bytes:
        """Fails."""
        self._refuse(size, deadline)

    def send(self, data: memoryview, deadline: Deadline) -> None:
        """Fails."""
        self._refuse(data, deadline)

    def pending(self) -> int:
        """Returns 0."""
        return 0

    def close(self) -> None:
        """Has nobody to take leave of."""


def wrap(endpoint: Endpoint, context: Context) -> None:
    """Makes an unconnected endpoint one whose connections speak TLS.

    Raises:
        OSError: It is closed, or no stream socket.
        SslError: It is wrapped or connected already, or the context was destroyed.
    """
    _check_wrappable(endpoint, context)
    try:
        endpoint.get_peer_addr()
    except OSError:
        _replace(endpoint, context, _Unstarted())
    else:
        raise SslError("the socket is connected already: use wrap_connected_socket")


def wrap_connected(
    endpoint: Endpoint, context: Context, handshake: int, hostname: str, timeout: int
) -> None:
    """Makes a connected endpoint speak TLS from here on, and completes the handshake.

    What the endpoint has read ahead belongs to the handshake; it never counts as data that TLS
    has protected.

    Raises:
        TimeoutError: The deadline passed; the next call goes on with the handshake.
        OSError: The endpoint is closed, unconnected or no stream socket; `hostname` is none; or
            the connection failed.
        SslError: It is wrapped already; the context was destroyed, or verifies and there is no
            `hostname`; or the handshake failed.
    """
    deadline = Deadline(timeout)
    if handshake not in (AS_CLIENT, AS_SERVER):
        raise errors.invalid(f"handshake must be one of SslHandshakeType, not {handshake}")
    _check_wrappable(endpoint, context)
    endpoint.get_peer_addr()
    stream = TlsStream(
        endpoint.descriptor, context, server=handshake == AS_SERVER, hostname=hostname
    )
    while endpoint.reader.has_data_buffered():
        stream.feed(endpoint.reader.receive(1, 0, 0))
    _replace(endpoint, context, stream)
    stream.handshake(deadline)


def start_client(endpoint: Endpoint, context: Context, hostname: str, deadline: Deadline) -> None:
    """Starts the session of a wrapped endpoint that has just been connected.

    Raises:
        TimeoutError, OSError, SslError: As `wrap_connected`.
    """
    stream = TlsStream(endpoint.descriptor, context, server=False, hostname=hostname)
    _replace(endpoint, context, stream)
    stream.handshake(deadline)


def start_server(endpoint: Endpoint, context: Context) -> None:
    """Prepares an accepted endpoint; its first call that waits shakes hands.

    Raises:
        SslError: The context was destroyed.
    """
    _replace(endpoint, context, TlsStream(endpoint.descriptor, context, server=True))


def handshake(endpoint: Endpoint, timeout: int) -> None:
    """Completes the handshake of a TLS endpoint, if that has not been done.

    Raises:
        TimeoutError: The deadline passed; the next call goes on with the handshake.
        OSError: The connection failed, or there is none.
        SslError: The handshake failed, now or before.
    """
    deadline = Deadline(timeout)
    endpoint.descriptor.use()
    if not isinstance(endpoint.stream, TlsStream):
        raise OSError(errno.ENOTCONN, "handshake needs a connected TLS socket")
    endpoint.stream.handshake(deadline)


def psk_identity(endpoint: Endpoint) -> str:
    """Returns the PSK identity that authenticates the client; "" for none."""
    return endpoint.stream.psk_identity() if isinstance(endpoint.stream, TlsStream) else ""


def _check_wrappable(endpoint: Endpoint, context: Context) -> None:
    endpoint.descriptor.use()
    if endpoint.sock_type != socket.SOCK_STREAM:
        raise errors.unsupported("TLS needs a stream socket; this one is none")
    if endpoint.tls is not None:
        raise SslError("the socket is a TLS socket already")
    context.check_alive()


def _replace(endpoint: Endpoint, context: Context, stream: Stream) -> None:
    endpoint.tls = context
    endpoint.stream = endpoint.reader.stream = stream
