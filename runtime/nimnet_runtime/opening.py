"""Opening sockets: new ones, and those that are taken over from elsewhere.

A descriptor is opened in a socket that somebody holds already and closes on every way out:
otherwise a signal handler that raises as soon as the system has made it would leave it open.
"""

import os
import socket

from nimnet_runtime import platform
from nimnet_runtime.descriptor import Descriptor, is_blocking, set_blocking
from nimnet_runtime.peers import had_a_peer, has_a_name
from nimnet_runtime.system import Socket


def unopened() -> Socket:
    """Returns a socket without a descriptor, which needs none to be made."""
    return Socket.__new__(Socket)


def open_socket(
    sock: Socket, domain: int, sock_type: int, protocol: int, fd: int | None = None
) -> None:
    """Opens `sock` as every socket here is: blocking, not inherited, without SIGPIPE.

    Args:
        sock: An unopened socket.
        domain: The address family.
        sock_type: `SOCK_STREAM`, `SOCK_DGRAM`, ...
        protocol: `IPPROTO_TCP`, ...
        fd: A descriptor to take over; None for a new one.

    Raises:
        OSError: The system has no such socket, or no descriptor is left.
    """
    Socket.__init__(sock, domain, sock_type, protocol, fd)
    if sock.gettimeout() is not None:  # `socket.setdefaulttimeout` makes them non-blocking
        sock.settimeout(None)
    if platform.SO_NOSIGPIPE is not None:  # pragma: no cover - macOS
        sock.setsockopt(socket.SOL_SOCKET, platform.SO_NOSIGPIPE, 1)


def adopt(sock: Socket, fd: int, domain: int, sock_type: int, protocol: int) -> Descriptor:
    """Returns the owner of a descriptor from elsewhere; it stays blocking or not as it is.

    Opens `sock` with it; what is no socket becomes a descriptor that is closed from the start.
    Only a signal handler raises here.
    """
    blocking = connected = named = True
    try:
        blocking = is_blocking(fd)
        open_socket(sock, domain, sock_type, protocol, fd)
        os.set_inheritable(fd, False)
        set_blocking(sock, blocking)
        named, connected = has_a_name(sock), had_a_peer(sock)
    except (OSError, ValueError, OverflowError):
        pass  # no socket; or one of a kind that lacks one of these, which is usable without
    descriptor = Descriptor(sock, blocking=blocking, connected=connected)
    descriptor.bound = named
    return descriptor
