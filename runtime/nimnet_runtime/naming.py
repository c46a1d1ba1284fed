"""A socket and its names: what it is bound to and listens on, who its peer is, and its options."""

from __future__ import annotations

import _socket as socket

from nimnet_runtime import connecting, errors, options, platform
from nimnet_runtime.deadline import within
from nimnet_runtime.description import Destination, host_and_port, located, shown
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.forks import Heir
from nimnet_runtime.resolution import fault, resolve

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

_DOMAINS: Final = frozenset(
    (platform.AF_UNSPEC, platform.AF_UNIX, platform.AF_INET, platform.AF_INET6)
)
_TYPES: Final = frozenset(
    (platform.SOCK_STREAM, platform.SOCK_DGRAM, platform.SOCK_RAW, platform.SOCK_SEQPACKET)
)
_PROTOCOLS: Final = frozenset(
    (
        *(platform.IPPROTO_TCP, platform.IPPROTO_UDP, platform.IPPROTO_IP, platform.IPPROTO_IPV6),
        *(platform.IPPROTO_RAW, platform.IPPROTO_ICMP),
    )
)
"""What the enums of the package have a name for."""
_IP_FAMILIES: Final = (socket.AF_INET, socket.AF_INET6)


class NamedSocket:
    """What can be said of a socket, and to it, before it has any traffic.

    Attributes:
        descriptor: The system's socket and its locks.
        domain: The address family.
        sock_type: `SOCK_STREAM`, `SOCK_DGRAM`, ...
        protocol: `IPPROTO_TCP`, ...
    """

    __slots__ = ("_heir", "descriptor", "domain", "protocol", "sock_type")

    def __init__(self, descriptor: Descriptor, domain: int, sock_type: int, protocol: int) -> None:
        """Owns `descriptor`."""
        self.descriptor: Descriptor = descriptor
        self._heir = Heir(descriptor)
        self.domain: int = domain
        self.sock_type: int = sock_type
        self.protocol: int = protocol

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self.descriptor.closed

    def fileno(self) -> int:
        """Returns the descriptor's number, -1 once closed."""
        return self.descriptor.fileno()

    def get_fd(self) -> int:
        """Returns the descriptor's number, -1 once closed."""
        return self.descriptor.fileno()

    def get_domain(self) -> int:
        """Returns the address family.

        Raises:
            OSError: It is one that `Domain` does not name.
        """
        return _named("domain", self.domain, _DOMAINS)

    def get_type(self) -> int:
        """Returns the type.

        Raises:
            OSError: It is one that `SockType` does not name.
        """
        return _named("type", self.sock_type, _TYPES)

    def get_protocol(self) -> int:
        """Returns the protocol.

        Raises:
            OSError: It is one that `Protocol` does not name.
        """
        return _named("protocol", self.protocol, _PROTOCOLS)

    def told(self, call: str) -> str:
        """Returns a call with its peer, for a message; see `deadline`."""
        return located(call, self.descriptor.sock)

    def came(self, goal: int) -> str:  # noqa: ARG002 - that of all callers
        """Returns "": who reads, or sends, tells how far that came."""
        return ""

    def bind_addr(self, port: int, address: str) -> None:
        """Binds to a local address, `""` for all of them.

        Raises:
            ValueError: `address` or `port` cannot be one.
            TimeoutError: The resolver did not answer before the end of a scope around the call.
            OSError: The address is not to be had, or this is no IP socket.
        """
        self._require_ip("bind_addr", "bind_unix(path)")
        if address == "":
            address = "::" if self.domain == socket.AF_INET6 else "0.0.0.0"
        wrong = fault(address, port)
        if wrong:
            raise ValueError(wrong)
        self.descriptor.use()
        deadline = within(-1, "bind_addr to", Destination(address, port))
        found = resolve(address, port, self.domain, self.sock_type, deadline, self.descriptor)
        _, sockaddr = found[0]
        self._bind(sockaddr, shown(sockaddr))
        self.descriptor.bound = port != 0  # else the system has chosen it

    def bind_unix(self, path: str) -> None:
        """Binds to a new Unix socket at `path`, which stays there after the socket is closed.

        An abstract name (with a leading NUL) goes with the socket.

        Raises:
            OSError: `path` cannot be a socket's path or exists already, or this is no Unix socket.
        """
        self._require_unix("bind_unix", "bind_addr(port)")
        self._bind(connecting.checked_path(path), shown(path))

    def _bind(self, sockaddr: bytes | tuple[str | int, ...], where: str) -> None:
        try:
            self.descriptor.use().bind(sockaddr)
        except OSError as error:
            raise errors.in_context(error, f"bind to {where}") from None

    def listen(self, backlog: int) -> None:
        """Lets peers connect; up to `backlog` of them wait to be accepted.

        Raises:
            OSError: This socket cannot listen.
        """
        errors.check_c_int("backlog", backlog)
        if backlog < 0:
            raise errors.invalid(f"backlog must be 0 or more, not {backlog}")
        try:
            self.descriptor.use().listen(backlog)
        except OSError as error:
            raise errors.in_context(error, "listen") from None

    def get_local_addr(self) -> tuple[str, int]:
        """Returns the address (a path for Unix sockets) and port this socket is bound to.

        Raises:
            OSError: The socket is closed.
        """
        try:
            return host_and_port(self.descriptor.use().getsockname())
        except OSError as error:
            raise errors.named(error, lambda: "get the local address") from error.__cause__

    def get_peer_addr(self) -> tuple[str, int]:
        """Returns the address (a path for Unix sockets) and port of the peer.

        Raises:
            OSError: There is no peer (`ENOTCONN`).
        """
        try:
            return host_and_port(self.descriptor.use().getpeername())
        except OSError as error:
            raise errors.named(error, lambda: "get the peer's address") from error.__cause__

    def get_sock_opt(self, opt: int, level: int) -> bool:
        """Returns whether an option (ordinal of `SOBool`) is on; see `options.get_option`."""
        return options.get_option(self.descriptor.use(), opt, level)

    def set_sock_opt(self, opt: int, value: bool, level: int) -> None:
        """Turns an option (ordinal of `SOBool`) on or off; see `options.set_option`."""
        options.set_option(self.descriptor.use(), opt, value, level)

    def get_sock_opt_int(self, level: int, name: int) -> int:
        """Returns an option's value as an integer; see `options.get_int`."""
        return options.get_int(self.descriptor.use(), level, name)

    def set_sock_opt_int(self, level: int, name: int, value: int) -> None:
        """Sets an option to an integer; see `options.set_int`."""
        options.set_int(self.descriptor.use(), level, name, value)

    def get_sock_opt_bytes(self, level: int, name: int, size: int) -> bytes:
        """Returns an option's value as a structure; see `options.get_bytes`."""
        return options.get_bytes(self.descriptor.use(), level, name, size)

    def set_sock_opt_bytes(
        self, level: int, name: int, value: bytes | bytearray | memoryview
    ) -> None:
        """Sets an option to a structure; see `options.set_bytes`."""
        options.set_bytes(self.descriptor.use(), level, name, value)

    def _require_ip(self, name: str, instead: str) -> None:
        if self.domain not in _IP_FAMILIES:
            raise errors.invalid(f"{name} needs an IP socket; on this one use {instead}")

    def _require_unix(self, name: str, instead: str) -> None:
        if self.domain != platform.AF_UNIX:
            raise errors.invalid(f"{name} needs an AF_UNIX socket; on this one use {instead}")


def _named(what: str, number: int, known: frozenset[int]) -> int:
    if number not in known:
        raise errors.unsupported(f"the socket's {what} is {number}, which has no name here")
    return number
