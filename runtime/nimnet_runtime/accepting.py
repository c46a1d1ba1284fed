"""Accepting connections under a deadline, on a descriptor that stays blocking."""

import errno
import socket

from nimnet_runtime import errors
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import host_and_port
from nimnet_runtime.descriptor import Descriptor, interrupted_error, owned

_Accepted = tuple[socket.socket, object]


def accept(descriptor: Descriptor, flags: int, deadline: Deadline) -> tuple[socket.socket, str]:
    """Returns the next connection, and its peer's address (`""` for an unbound Unix socket).

    Raises:
        TimeoutError: Nobody connected in time.
        OSError: The socket does not listen, no descriptor is left, or the peer has gone before it
            was accepted and `flags` has no `SAFE_DISCONN`.
    """
    while True:
        try:
            sock, sockaddr = descriptor.exclusively(
                descriptor.reading, lambda: _next(descriptor, deadline), deadline
            )
            return owned(sock), host_and_port(sockaddr)[0]
        except OSError as error:
            if errors.is_disconnection_error(flags, error.errno or 0):
                continue
            if error.errno == errno.EINVAL:
                message = "accept needs a listening socket; call listen() first"
                raise errors.invalid(message) from None
            raise


def _next(descriptor: Descriptor, deadline: Deadline) -> _Accepted:
    sock = descriptor.sock
    if deadline.bounded:
        deadline.wait_readable(sock.fileno())
    while True:
        if descriptor.closed:
            raise interrupted_error()
        try:
            # What poll promised may be gone, and accept has no flag that keeps it from waiting.
            return descriptor.non_blocking(sock.accept) if deadline.bounded else sock.accept()
        except BlockingIOError:
            # The peer has gone, another process was faster, or the descriptor came to us
            # non-blocking.
            deadline.wait_readable(sock.fileno())
