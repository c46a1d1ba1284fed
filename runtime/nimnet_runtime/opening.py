"""Opening sockets: new ones, and those that are taken over from elsewhere.

A descriptor is opened in a socket that somebody holds already and closes on every way out:
otherwise a signal handler that raises as soon as the system has made it would leave it open.
"""

from __future__ import annotations

import _socket as socket
import errno
import os
import sys

from nimnet_runtime import platform
from nimnet_runtime.description import family_name, protocol_name, type_name
from nimnet_runtime.descriptor import Descriptor, is_blocking, set_blocking
from nimnet_runtime.errors import spelled, unsupported
from nimnet_runtime.peers import had_a_peer, has_a_name
from nimnet_runtime.system import Socket

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

_ASK: Final = -1
"""What Python takes for a family, type or protocol that it is to ask the system for."""


def unopened() -> Socket:
    """Returns a socket without a descriptor, which needs none to be made."""
    return Socket.__new__(Socket)


def let_inherit(sock: Socket) -> None:
    """Lets the programs that this one starts have the descriptor.

    Raises:
        OSError: The system refuses.
    """
    if platform.HAS_DESCRIPTOR_FLAGS:
        os.set_inheritable(sock.fileno(), True)
    else:  # pragma: no cover - Windows
        os.set_handle_inheritable(sock.fileno(), True)  # type: ignore[attr-defined]  # Windows alone has it


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


def check_plain_socket(sock: object) -> None:
    """Refuses what is no socket of Python's, and one whose TLS would be lost.

    Raises:
        OSError: It is protected by TLS.
    """
    # Programs replace `socket.socket`; those that were made before are of the class in C. Who has
    # an object of a module has loaded that.
    plain, tls = sys.modules.get("socket"), sys.modules.get("ssl")
    if not isinstance(sock, Socket) and (plain is None or not isinstance(sock, plain.socket)):
        raise TypeError(f"sock must be a socket.socket, not {type(sock).__name__}")
    if tls is not None and isinstance(sock, tls.SSLSocket):
        raise unsupported(
            "sock must be a plain socket: the TLS of an ssl.SSLSocket cannot be taken over;"
            " take the socket over before it is wrapped"
        )


def adopt(
    sock: Socket,
    fd: int,
    domain: int | None = None,
    sock_type: int | None = None,
    protocol: int | None = None,
) -> Descriptor:
    """Returns the owner of a descriptor from elsewhere; it stays blocking or not as it is.

    Opens `sock` with it, of the kind that the system says it is. What is no socket, or is said to
    be of another kind, stays the caller's, and is a descriptor here that is closed from the start.
    Only a signal handler raises here.

    Args:
        sock: An unopened socket.
        fd: The number of the descriptor.
        domain: What the caller says is its family; None where he says nothing.
        sock_type: Its type, likewise.
        protocol: Its protocol, likewise.
    """
    blocking = connected = named = True
    refusal: tuple[int, str] | None = None
    try:
        blocking = is_blocking(fd)
        open_socket(sock, _ASK, _ASK, _ASK, fd)
        refusal = _contradiction(sock, domain, sock_type, protocol)
        if refusal is None:
            os.set_inheritable(fd, False)
        set_blocking(sock, blocking)
        if refusal is not None:
            sock.detach()
        else:
            named, connected = has_a_name(sock), had_a_peer(sock)
    except (OSError, ValueError, OverflowError) as error:
        # No socket; or one of a kind that lacks one of these, which is usable without.
        if sock.fileno() < 0:
            refusal = _no_socket(fd, error)
    descriptor = Descriptor(sock, blocking=blocking, connected=connected, refusal=refusal)
    descriptor.bound = named
    return descriptor


def _contradiction(
    sock: Socket, domain: int | None, sock_type: int | None, protocol: int | None
) -> tuple[int, str] | None:
    """Returns the error for a socket that is not what the caller says; None if it may be."""
    if domain is not None and domain not in (socket.AF_UNSPEC, sock.family):
        return _other(sock, "domain", family_name(domain), family_name(sock.family))
    if sock_type is not None and sock_type != sock.type:
        return _other(sock, "sock_type", type_name(sock_type), type_name(sock.type))
    if platform.SO_PROTOCOL == platform.NO_OPTION:  # pragma: no cover - macOS does not tell
        return None
    # IPPROTO_IP is the family's own, whichever that is.
    if protocol is not None and protocol not in (platform.IPPROTO_IP, sock.proto):
        return _other(sock, "protocol", protocol_name(protocol), protocol_name(sock.proto))
    return None


def _other(sock: Socket, name: str, said: str, found: str) -> tuple[int, str]:
    return errno.EPROTOTYPE, (
        f"descriptor {sock.fileno()} was not taken over: its {name} is {found}, not {said};"
        f" leave {name} out, and the system is asked"
    )


def _no_socket(fd: int, error: Exception) -> tuple[int, str]:
    number = error.errno if isinstance(error, OSError) else None
    if number == errno.ENOTSOCK:
        return number, f"descriptor {fd} was not taken over: it is no socket"
    if number is None or number == errno.EBADF:
        return errno.EBADF, f"the socket is closed: its descriptor, {spelled(fd)}, was not open"
    return number, f"descriptor {fd} was not taken over: {os.strerror(number)}"
