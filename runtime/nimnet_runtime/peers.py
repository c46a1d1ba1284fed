"""Whether a socket has a peer, had one, or has a name of its own, by what the system knows."""

import _socket as socket
import select

from nimnet_runtime import platform
from nimnet_runtime.system import Socket, events_now


def has_peer(sock: Socket) -> bool:
    """Tells whether a socket is connected at this moment."""
    try:
        sock.getpeername()
    except OSError:
        return False
    return True


def had_a_peer(sock: Socket) -> bool:
    """Tells whether a socket is, was or might have been connected, by what the system knows.

    After a reset it says "not connected", as of one that never was. But what has been at an end
    of a stream stays readable, and a socket that is new or bound only never is.
    """
    if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
        return False
    if has_peer(sock):
        return True
    if not platform.POLLRDHUP or sock.type not in (socket.SOCK_STREAM, socket.SOCK_SEQPACKET):
        return has_a_name(sock)
    events = events_now(sock.fileno(), select.POLLIN | platform.POLLRDHUP)
    return bool(events & (select.POLLIN | platform.POLLRDHUP)) or not events & select.POLLHUP


def has_a_name(sock: Socket) -> bool:
    """Tells whether a socket has a local port; every IP socket that was connected has one."""
    match sock.getsockname():
        case (_, 0, *_):
            return False
    return True
