"""System constants, with a stand-in where a platform lacks one."""

import os
import select
import socket
import sys

# Plain ints: arithmetic with the enums that `socket` has costs a microsecond.
MSG_PEEK = int(socket.MSG_PEEK)
MSG_DONTWAIT = int(getattr(socket, "MSG_DONTWAIT", 0))
"""Makes one call non-blocking; 0 where only the whole descriptor can be (Windows)."""
MSG_NOSIGNAL = int(getattr(socket, "MSG_NOSIGNAL", 0))
"""Keeps a send to a gone peer from raising SIGPIPE (Linux); macOS has `SO_NOSIGPIPE` instead."""
SO_NOSIGPIPE: int | None = getattr(socket, "SO_NOSIGPIPE", None)

AF_UNSPEC: int = socket.AF_UNSPEC
AF_INET: int = socket.AF_INET
AF_INET6: int = socket.AF_INET6
AF_UNIX = int(getattr(socket, "AF_UNIX", -1))
"""-1, which no address family has, on a platform without Unix sockets."""

SOCK_STREAM: int = socket.SOCK_STREAM
SOCK_DGRAM: int = socket.SOCK_DGRAM
SOCK_RAW: int = getattr(socket, "SOCK_RAW", 3)
SOCK_SEQPACKET: int = getattr(socket, "SOCK_SEQPACKET", 5)

IPPROTO_IP: int = getattr(socket, "IPPROTO_IP", 0)
IPPROTO_ICMP: int = getattr(socket, "IPPROTO_ICMP", 1)
IPPROTO_TCP: int = socket.IPPROTO_TCP
IPPROTO_UDP: int = socket.IPPROTO_UDP
IPPROTO_IPV6: int = getattr(socket, "IPPROTO_IPV6", 41)
IPPROTO_RAW: int = getattr(socket, "IPPROTO_RAW", 255)

SOL_SOCKET: int = socket.SOL_SOCKET
SOMAXCONN: int = socket.SOMAXCONN
SO_REUSEPORT = int(getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR))
"""Nim's stand-in on Windows, too, where `SO_REUSEADDR` has this meaning."""

NO_OPTION = -1
"""What stands for the number of a socket option that the platform lacks: no option has it."""

SO_TYPE: int = socket.SO_TYPE
SO_DOMAIN = int(getattr(socket, "SO_DOMAIN", NO_OPTION))
SO_PROTOCOL = int(getattr(socket, "SO_PROTOCOL", NO_OPTION))
SO_RCVBUF: int = socket.SO_RCVBUF
SO_SNDBUF: int = socket.SO_SNDBUF
SO_LINGER: int = socket.SO_LINGER

TCP_KEEPIDLE = int(getattr(socket, "TCP_KEEPIDLE", getattr(socket, "TCP_KEEPALIVE", NO_OPTION)))
"""macOS calls it `TCP_KEEPALIVE`."""
TCP_KEEPINTVL = int(getattr(socket, "TCP_KEEPINTVL", NO_OPTION))
TCP_KEEPCNT = int(getattr(socket, "TCP_KEEPCNT", NO_OPTION))
TCP_USER_TIMEOUT = int(getattr(socket, "TCP_USER_TIMEOUT", NO_OPTION))

IP_TTL = int(getattr(socket, "IP_TTL", NO_OPTION))
IP_ADD_MEMBERSHIP = int(getattr(socket, "IP_ADD_MEMBERSHIP", NO_OPTION))
IP_DROP_MEMBERSHIP = int(getattr(socket, "IP_DROP_MEMBERSHIP", NO_OPTION))
IP_MULTICAST_IF = int(getattr(socket, "IP_MULTICAST_IF", NO_OPTION))
IP_MULTICAST_TTL = int(getattr(socket, "IP_MULTICAST_TTL", NO_OPTION))
IP_MULTICAST_LOOP = int(getattr(socket, "IP_MULTICAST_LOOP", NO_OPTION))

IPV6_V6ONLY = int(getattr(socket, "IPV6_V6ONLY", NO_OPTION))
IPV6_UNICAST_HOPS = int(getattr(socket, "IPV6_UNICAST_HOPS", NO_OPTION))
IPV6_JOIN_GROUP = int(getattr(socket, "IPV6_JOIN_GROUP", NO_OPTION))
IPV6_LEAVE_GROUP = int(getattr(socket, "IPV6_LEAVE_GROUP", NO_OPTION))
IPV6_MULTICAST_IF = int(getattr(socket, "IPV6_MULTICAST_IF", NO_OPTION))
IPV6_MULTICAST_HOPS = int(getattr(socket, "IPV6_MULTICAST_HOPS", NO_OPTION))
IPV6_MULTICAST_LOOP = int(getattr(socket, "IPV6_MULTICAST_LOOP", NO_OPTION))

MOST_WAITING = 1 << 24
"""What `unread` says where the platform cannot tell: more than most receive buffers hold."""

POLLRDHUP = int(getattr(select, "POLLRDHUP", 0))
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
