"""System constants, with a stand-in where a platform lacks one."""

from __future__ import annotations

import _socket as socket
import os
import select
import sys

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

COMPILED: Final = __file__.endswith((".so", ".pyd"))
"""Whether this module is machine code, and the rest of the runtime with it."""

# Plain ints, as in C: arithmetic with the enums that Python's `socket` has costs a microsecond.
MSG_PEEK: Final[int] = int(socket.MSG_PEEK)
MSG_DONTWAIT: Final[int] = int(getattr(socket, "MSG_DONTWAIT", 0))
"""Makes one call non-blocking; 0 where only the whole descriptor can be (Windows)."""
MSG_NOSIGNAL: Final[int] = int(getattr(socket, "MSG_NOSIGNAL", 0))
"""Keeps a send to a gone peer from raising SIGPIPE (Linux); macOS has `SO_NOSIGPIPE` instead."""
SO_NOSIGPIPE: int | None = getattr(socket, "SO_NOSIGPIPE", None)  # final, mypyc mistakes it

AF_UNSPEC: Final[int] = socket.AF_UNSPEC
AF_INET: Final[int] = socket.AF_INET
AF_INET6: Final[int] = socket.AF_INET6
AF_UNIX: Final[int] = int(getattr(socket, "AF_UNIX", -1))
"""-1, which no address family has, on a platform without Unix sockets."""

SOCK_STREAM: Final[int] = socket.SOCK_STREAM
SOCK_DGRAM: Final[int] = socket.SOCK_DGRAM
SOCK_RAW: Final[int] = getattr(socket, "SOCK_RAW", 3)
SOCK_SEQPACKET: Final[int] = getattr(socket, "SOCK_SEQPACKET", 5)

IPPROTO_IP: Final[int] = getattr(socket, "IPPROTO_IP", 0)
IPPROTO_ICMP: Final[int] = getattr(socket, "IPPROTO_ICMP", 1)
IPPROTO_TCP: Final[int] = socket.IPPROTO_TCP
IPPROTO_UDP: Final[int] = socket.IPPROTO_UDP
IPPROTO_IPV6: Final[int] = getattr(socket, "IPPROTO_IPV6", 41)
IPPROTO_RAW: Final[int] = getattr(socket, "IPPROTO_RAW", 255)

SOL_SOCKET: Final[int] = socket.SOL_SOCKET
SOMAXCONN: Final[int] = socket.SOMAXCONN
SO_REUSEPORT: Final[int] = int(getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR))
"""Nim's stand-in on Windows, too, where `SO_REUSEADDR` has this meaning."""

NO_OPTION = -1
"""What stands for the number of a socket option that the platform lacks: no option has it."""

SO_TYPE: Final[int] = socket.SO_TYPE
SO_DOMAIN: Final[int] = int(getattr(socket, "SO_DOMAIN", NO_OPTION))
SO_PROTOCOL: Final[int] = int(getattr(socket, "SO_PROTOCOL", NO_OPTION))
SO_RCVBUF: Final[int] = socket.SO_RCVBUF
SO_SNDBUF: Final[int] = socket.SO_SNDBUF
SO_LINGER: Final[int] = socket.SO_LINGER

TCP_KEEPIDLE: Final[int] = int(
    getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", NO_OPTION))
)
"""macOS calls it `TCP_KEEPALIVE`."""
TCP_KEEPINTVL: Final[int] = int(getattr(socket, "TCP_KEEPINTVL", NO_OPTION))
TCP_KEEPCNT: Final[int] = int(getattr(socket, "TCP_KEEPCNT", NO_OPTION))
TCP_USER_TIMEOUT: Final[int] = int(getattr(socket, "TCP_USER_TIMEOUT", NO_OPTION))

IP_TTL: Final[int] = int(getattr(socket, "IP_TTL", NO_OPTION))
IP_ADD_MEMBERSHIP: Final[int] = int(getattr(socket, "IP_ADD_MEMBERSHIP", NO_OPTION))
IP_DROP_MEMBERSHIP: Final[int] = int(getattr(socket, "IP_DROP_MEMBERSHIP", NO_OPTION))
IP_MULTICAST_IF: Final[int] = int(getattr(socket, "IP_MULTICAST_IF", NO_OPTION))
IP_MULTICAST_TTL: Final[int] = int(getattr(socket, "IP_MULTICAST_TTL", NO_OPTION))
IP_MULTICAST_LOOP: Final[int] = int(getattr(socket, "IP_MULTICAST_LOOP", NO_OPTION))

IPV6_V6ONLY: Final[int] = int(getattr(socket, "IPV6_V6ONLY", NO_OPTION))
IPV6_UNICAST_HOPS: Final[int] = int(getattr(socket, "IPV6_UNICAST_HOPS", NO_OPTION))
IPV6_JOIN_GROUP: Final[int] = int(getattr(socket, "IPV6_JOIN_GROUP", NO_OPTION))
IPV6_LEAVE_GROUP: Final[int] = int(getattr(socket, "IPV6_LEAVE_GROUP", NO_OPTION))
IPV6_MULTICAST_IF: Final[int] = int(getattr(socket, "IPV6_MULTICAST_IF", NO_OPTION))
IPV6_MULTICAST_HOPS: Final[int] = int(getattr(socket, "IPV6_MULTICAST_HOPS", NO_OPTION))
IPV6_MULTICAST_LOOP: Final[int] = int(getattr(socket, "IPV6_MULTICAST_LOOP", NO_OPTION))

MOST_WAITING = 1 << 24
"""What `unread` says where the platform cannot tell: more than most receive buffers hold."""

POLLRDHUP: Final[int] = int(getattr(select, "POLLRDHUP", 0))
"""Tells a connection that the peer has ended (Linux); 0 where that does not show."""

HAS_DESCRIPTOR_FLAGS = os.name == "posix"
"""Whether O_NONBLOCK of a socket can be read and changed by its number."""


def unread(fd: int) -> int:
    """Returns how many bytes the system has for a reader of the socket `fd`.

    Raises:
        OSError: It is none.
    """
    try:
        from fcntl import ioctl  # here, because it is seldom needed
        from termios import FIONREAD
    except ImportError:  # pragma: no cover - Windows
        return MOST_WAITING
    return int.from_bytes(ioctl(fd, FIONREAD, bytes(4)), sys.byteorder)
