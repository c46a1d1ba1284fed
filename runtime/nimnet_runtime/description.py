"""Sockets and their addresses in words, for results, messages and `repr`."""

from __future__ import annotations

import _socket as socket
import os

from nimnet_runtime import errors, platform
from nimnet_runtime.address import parse_ip_address
from nimnet_runtime.system import Socket

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

_PROTOCOLS: Final = {
    getattr(platform, name): name
    for name in (
        *("IPPROTO_IP", "IPPROTO_ICMP", "IPPROTO_TCP", "IPPROTO_UDP", "IPPROTO_IPV6"),
        "IPPROTO_RAW",
    )
}


def _named(prefix: str) -> dict[int, str]:
    """Returns the names of the system's numbers that begin alike: of several the first, as Python.

    Of the enums that `socket` makes of them nobody needs more than that.
    """
    names = sorted((name for name in vars(socket) if name.startswith(prefix)), reverse=True)
    return {getattr(socket, name): name for name in names}


_FAMILIES: Final = _named("AF_")
_TYPES: Final = _named("SOCK_")


def host_and_port(sockaddr: object) -> tuple[str, int]:
    """Returns the text and the port of an address as Python's sockets give it."""
    # Without the time that patterns take: of IPv4, or of IPv6 without a zone.
    if type(sockaddr) is tuple and type(sockaddr[0]) is str:
        if len(sockaddr) == 2:
            return sockaddr
        if sockaddr[3:] == (0,):
            return sockaddr[:2]
    match sockaddr:
        case (str(host), int(port), int(), int(scope)) if scope:
            # Without its zone a link-local address reaches nobody.
            return f"{host}%{scope}", port
        case (str(host), int(port), *_):
            return host, port
        case str(path):
            return path, 0
        case bytes(name):  # in Linux's abstract namespace
            return os.fsdecode(name), 0
        case _:
            return "", 0


def packed_and_port(sockaddr: object) -> tuple[bytes, int]:
    """Returns the bytes and the port of an IP address as Python's sockets give it.

    The zone of a link-local address is dropped.
    """
    host, port = host_and_port(sockaddr)
    return parse_ip_address(host.partition("%")[0]), port


def shown(sockaddr: object) -> str:
    """Returns an address for a message: `127.0.0.1:80`, `[::1]:80`, a path or `@name`.

    A path or name is made printable: any process on this computer may have chosen it.
    """
    host, port = host_and_port(sockaddr)
    if not isinstance(sockaddr, tuple):
        # As ss(8) shows names of the abstract namespace.
        return errors.printable(host.replace("\0", "@"))
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def protocol_hint(domain: int, sock_type: int, protocol: int) -> str:
    """Returns what to pass instead where this protocol is another kind of socket's; "" if not."""
    if domain == platform.AF_UNIX and protocol:
        return " (an AF_UNIX socket takes protocol=IPPROTO_IP)"
    if sock_type == socket.SOCK_DGRAM and protocol == socket.IPPROTO_TCP:
        return " (a SOCK_DGRAM socket takes protocol=IPPROTO_UDP)"
    if sock_type == socket.SOCK_STREAM and protocol == socket.IPPROTO_UDP:
        return " (a SOCK_STREAM socket takes protocol=IPPROTO_TCP)"
    return ""


def family_name(domain: int) -> str:
    """Returns the name of an address family, `AF_INET`; its number where Python has none."""
    return _FAMILIES.get(domain, str(domain))


def type_name(sock_type: int) -> str:
    """Returns the name of a type of sockets, `SOCK_STREAM`; its number where Python has none."""
    return _TYPES.get(sock_type, str(sock_type))


def protocol_name(protocol: int) -> str:
    """Returns the name of a protocol, `IPPROTO_TCP`; its number where it has none here."""
    return _PROTOCOLS.get(protocol, str(protocol))


def kind(domain: int, sock_type: int) -> list[str]:
    """Returns the words for a kind of socket: `stream` and `AF_INET`."""
    return [type_name(sock_type).removeprefix("SOCK_").lower(), family_name(domain)]


def whereabouts(sock: Socket) -> list[str]:
    """Returns the words for a socket's own address and its peer's, as far as it has them."""
    words = []
    for arrow, ask in (("", sock.getsockname), ("-> ", sock.getpeername)):
        try:
            where = shown(ask())
        except OSError:
            continue
        if where:
            words.append(f"{arrow}{where}")
    return words


def located(call: str, sock: Socket) -> str:
    """Returns a call with its peer, for a message: `recv from 127.0.0.1:80`.

    Args:
        call: The call, and how it stands to a peer: `recv from`.
        sock: What it was called on. One without a peer has it on its own address, as far as it has
            one: `accept on 127.0.0.1:80`.
    """
    name, _, preposition = call.partition(" ")
    for word, ask in ((preposition, sock.getpeername), ("on", sock.getsockname)):
        try:
            where = shown(ask())
        except OSError:
            continue
        if where:
            return f"{name} {word} {where}"
    return name


class Destination:
    """Who tells of a call that goes somewhere, when its time is up (see `deadline`)."""

    __slots__ = ("_address", "_port")

    def __init__(self, address: str, port: int | None = None) -> None:
        """Goes to a host's port, or to a path."""
        self._address = address
        self._port = port

    def told(self, call: str) -> str:
        """Returns the call with its destination, as the caller wrote it."""
        where = errors.quoted(self._address)
        return f"{call} {where}" if self._port is None else f"{call} {where}, port {self._port}"

    def came(self, goal: int) -> str:  # noqa: ARG002 - that of all callers
        """Returns "": such a call is done, or it is not."""
        return ""
