"""System constants, with a stand-in where a platform lacks one."""

import os
import select
import socket
from typing import Final

# Plain ints: arithmetic with the enums that `socket` has costs a microsecond.
MSG_PEEK: Final = int(socket.MSG_PEEK)
MSG_DONTWAIT: Final = int(getattr(socket, "MSG_DONTWAIT", 0))
"""Makes one call non-blocking; 0 where only the whole descriptor can be (Windows)."""
MSG_NOSIGNAL: Final = int(getattr(socket, "MSG_NOSIGNAL", 0))
"""Keeps a send to a gone peer from raising SIGPIPE (Linux); macOS has `SO_NOSIGPIPE` instead."""
SO_NOSIGPIPE: Final[int | None] = getattr(socket, "SO_NOSIGPIPE", None)

AF_UNSPEC: Final[int] = socket.AF_UNSPEC
AF_INET: Final[int] = socket.AF_INET
AF_INET6: Final[int] = socket.AF_INET6
AF_UNIX: Final = int(getattr(socket, "AF_UNIX", -1))
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
SO_REUSEPORT: Final = int(getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR))
"""Nim's stand-in on Windows, too, where `SO_REUSEADDR` has this meaning."""

HAS_POLL: Final = hasattr(select, "poll")
HAS_DESCRIPTOR_FLAGS: Final = os.name == "posix"
"""Whether O_NONBLOCK of a socket can be read and changed by its number."""
