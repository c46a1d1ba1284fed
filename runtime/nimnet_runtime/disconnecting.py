"""Undoing a connection or an attempt at one, so that the socket can be connected again.

connect(2) can do it, whatever state the socket is in and without a moment between two calls in
which the state could change: "sockets may dissolve the association by connecting to an address with
the sa_family member of sockaddr set to AF_UNSPEC". Python's sockets take addresses of their own
family only, and so the C library is called itself. Where that is not to be had, an attempt is
aborted, and a connection that was made in the meantime stays.
"""

import _socket as socket
import sys

from nimnet_runtime.peers import has_peer
from nimnet_runtime.system import Socket

_NOWHERE = bytes(16)
"""A `struct sockaddr` of the family AF_UNSPEC, which is 0."""


def disconnect(sock: Socket) -> bool:
    """Takes the peer, and what it has sent, from a socket; tells whether it has none now.

    A peer that has accepted the connection sees it reset.
    """
    if _dissolve(sock):
        return True
    if has_peer(sock):
        try:  # noqa: SIM105 - contextlib takes its time to load
            sock.connect_ex(sock.getpeername())  # so that Linux takes it for connected from now on
        except OSError:
            pass
        return False
    try:
        sock.shutdown(socket.SHUT_RDWR)
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
    except OSError:
        pass  # it may have ended by itself
    return True


def _dissolve(sock: Socket) -> bool:
    """Connects a socket to nowhere; False where the system or Python has no way to."""
    if sys.platform != "linux":  # pragma: no cover - elsewhere it does less, or fails
        return False
    try:
        import ctypes  # takes its time to load, and is left out of small installations

        connect = ctypes.CDLL(None).connect
    except (ImportError, OSError, AttributeError):
        return False
    connect.argtypes = ctypes.c_int, ctypes.c_char_p, ctypes.c_uint
    connect.restype = ctypes.c_int
    dissolved = bool(connect(sock.fileno(), _NOWHERE, len(_NOWHERE)) == 0)
    sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # ECONNRESET, as if the peer had done it
    return dissolved
