"""Accepting connections under a deadline, on a descriptor that stays blocking."""

import _socket as socket
import errno
import itertools
from collections.abc import Callable

from nimnet_runtime import errors, platform
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import host_and_port
from nimnet_runtime.descriptor import Descriptor, interrupted_error
from nimnet_runtime.opening import open_socket
from nimnet_runtime.system import Socket, close_descriptor

_LOST = errors.DISCONNECTIONS | {
    getattr(errno, name)
    for name in (
        *("ENETDOWN", "EPROTO", "ENOPROTOOPT", "EHOSTDOWN"),
        *("ENONET", "EHOSTUNREACH", "EOPNOTSUPP", "ENETUNREACH"),
    )
    if hasattr(errno, name)
}
"""Errors of the connection, not of the listener: Linux reports what has happened to it in the queue
already, and accept(2) says to go on with the next."""


_Accept = Callable[[], tuple[int, object]]
"""Returns a descriptor, which nobody owns yet, and its peer's address."""


def accept(descriptor: Descriptor, client: Socket, flags: int, deadline: Deadline) -> str:
    """Opens `client` for the next connection.

    Args:
        descriptor: The listener.
        client: An unopened socket. The caller closes it if this raises.
        flags: Whether connections that were lost are passed over.
        deadline: Ends the wait.

    Returns:
        The peer's address, `""` for an unbound Unix socket.

    Raises:
        TimeoutError: Nobody connected in time.
        OSError: The socket does not listen, no descriptor is left, or the connection was lost
            before it was accepted and `flags` has no `SAFE_DISCONN`.
    """
    try:
        return descriptor.exclusively(
            descriptor.reading, lambda: _next(descriptor, client, flags, deadline), deadline
        )
    except OSError as error:
        if error.errno == errno.EINVAL:
            message = "accept needs a listening socket; call listen() first"
            raise errors.invalid(message) from None
        raise descriptor.named(error, "accept on") from error.__cause__


def _next(descriptor: Descriptor, client: Socket, flags: int, deadline: Deadline) -> str:
    sock = descriptor.sock
    accept: _Accept = sock._accept  # type: ignore[attr-defined]  # typeshed leaves it out
    accepted: list[tuple[int, object]] = []

    try:
        # On one that does not listen accept fails at once, and poll might wait for data.
        if deadline.bounded and _listens(sock):
            deadline.wait_readable(sock.fileno())
        for attempts in itertools.count(1):
            if descriptor.closed:
                raise interrupted_error()
            try:
                if deadline.bounded:
                    # What poll promised may be gone, and accept has no flag that keeps it from
                    # waiting.
                    descriptor.non_blocking(lambda: _take(accept, accepted))
                else:
                    _take(accept, accepted)
                break
            except BlockingIOError:
                # The peer has gone, another process was faster, or the descriptor came to us
                # non-blocking.
                pass
            except OSError as error:
                if not (flags & errors.SAFE_DISCONN and _was_lost(sock, error)):
                    raise
            # If all that come are lost, this ends the call. Past its time it goes through as many
            # as can be in the queue: with a timeout of 0, one of them may be well.
            if attempts > platform.SOMAXCONN and deadline.passed():
                raise deadline.expired()
            deadline.wait_readable(sock.fileno())
        fd, sockaddr = accepted[0]
        open_socket(client, sock.family, sock.type, sock.proto, fd)
        client.settimeout(None)  # macOS lets it be non-blocking if the listener was
        return host_and_port(sockaddr)[0]
    except BaseException:
        if accepted and client.fileno() < 0:
            close_descriptor(accepted[0][0])
        raise


def _take(accept: _Accept, accepted: list[tuple[int, object]]) -> None:
    # C stores what C returns: see nimnet_runtime.__init__. It is here then, or in `client`.
    accepted += itertools.starmap(accept, ((),))


def _was_lost(listener: Socket, error: OSError) -> bool:
    """Tells whether accept reports the end of a connection that waited to be accepted."""
    if error.errno == errno.EOPNOTSUPP:  # so says a socket of a kind that cannot listen, too
        return _listens(listener)
    return error.errno in _LOST


def _listens(sock: Socket) -> bool:
    return bool(sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
