"""Addresses on this machine: to listen at, to be refused at, to wait at; no port is fixed."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import tempfile
from typing import Final

FAMILIES: Final = {
    "tcp": socket.AF_INET,
    "tcp6": socket.AF_INET6,
    "unix": socket.AF_UNIX,
    "udp": socket.AF_INET,
    "udp6": socket.AF_INET6,
}
"""The address family of each transport that is not TLS; TLS runs over `tcp`."""
HOSTS: Final = {socket.AF_INET: "127.0.0.1", socket.AF_INET6: "::1"}
LACKING: Final = (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL)
"""What says that this machine lacks an address family, or the family's loopback address."""
PATIENCE: Final = 20.0
"""Seconds after which whoever waits gives up: far above what any scenario needs."""


def listening(family: socket.AddressFamily, path: str) -> socket.socket:
    """Return a listening socket: at the path for Unix, or at the loopback address."""
    return _bound(socket.socket(family, socket.SOCK_STREAM), path)


def receiving(family: socket.AddressFamily) -> socket.socket:
    """Return a UDP socket that is bound to the loopback address."""
    return _bound(socket.socket(family, socket.SOCK_DGRAM), "")


def has_ipv6() -> bool:
    """Tell whether this machine has the loopback address of IPv6."""
    try:
        receiving(socket.AF_INET6).close()
    except OSError as error:
        if error.errno not in LACKING:
            raise
        return False
    return True


def _bound(unbound: socket.socket, path: str) -> socket.socket:
    try:
        host = HOSTS.get(socket.AddressFamily(unbound.family))
        unbound.settimeout(PATIENCE)
        unbound.bind(path if host is None else (host, 0))
        if unbound.type == socket.SOCK_STREAM:
            unbound.listen()
    except OSError:
        unbound.close()
        raise
    return unbound


def address_of(bound: socket.socket) -> tuple[str, int]:
    """Return a socket's address as host and port; a path, and 0, for Unix."""
    return _pair(bound.getsockname())


def _pair(name: str | tuple[str, int]) -> tuple[str, int]:
    return (name, 0) if isinstance(name, str) else (name[0], name[1])


_LONGEST_FOLDER: Final = 60
"""Bytes of a folder of temporary files that leave room, in the 104 that each system has for the
path of a Unix socket, for a folder of its own and for the socket's name."""


def temporary_folder(prefix: str) -> tempfile.TemporaryDirectory[str]:
    """Return a new folder, in which Unix sockets have room for their paths whatever TMPDIR is."""
    is_long = len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER
    return tempfile.TemporaryDirectory(prefix=prefix, dir="/tmp" if is_long else None)


def refusing(stack: contextlib.ExitStack, family: socket.AddressFamily) -> int:
    """Return a port of the loopback address at which nobody listens while the stack is open.

    It stays bound, so that nobody else can begin to.
    """
    unused = stack.enter_context(socket.socket(family, socket.SOCK_STREAM))
    unused.bind((HOSTS[family], 0))
    return address_of(unused)[1]


def overfull(stack: contextlib.ExitStack, host: str = "127.0.0.1", port: int = 0) -> int:
    """Return a port whose queue is full: on Linux, who connects to it waits.

    Args:
        stack: What ends it.
        host: An IP address of this machine, of either family.
        port: The port; 0 for one that is free.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = stack.enter_context(socket.socket(family))
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(0)
    for _ in range(4):
        filler = stack.enter_context(socket.socket(family))
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    return address_of(listener)[1]
