"""Connecting one socket: to the addresses of a host in turn, or to a Unix path.

An attempt runs with the descriptor non-blocking for as long as it lasts, also without a deadline:
then a signal handler that raises and another thread that closes find the same single path out.
An attempt that is given up is aborted, so that the socket is unconnected again and can be used for
the next address.
"""

import contextlib
import errno
import os
import socket
import sys
import time
from collections.abc import Sequence
from functools import partial

from nimnet_runtime import errors
from nimnet_runtime.address import format_ip_address, parse_ip_address
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import shown
from nimnet_runtime.descriptor import Descriptor, interrupted_error, owned
from nimnet_runtime.resolution import Resolved, SocketAddress

IN_PROGRESS = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK})
"""What a non-blocking connect answers while it is under way (or, on Unix sockets, must wait)."""

_ON_LINUX = bool(sys.platform == "linux")
_LONGEST_PATH = 107 if _ON_LINUX else 103
"""The bytes of `sun_path`, without the NUL at its end (unix(7))."""
_LEAST = 0.25
"""Seconds that an address has to answer, while there is that much: what RFC 8305 (section 8) gives
it before others are tried as well."""
_SHORTEST_PAUSE = 0.001
_LONGEST_PAUSE = 0.02


def connect_to_first(
    descriptor: Descriptor, addresses: Sequence[Resolved], deadline: Deadline
) -> None:
    """Connects to the first of `addresses` that accepts.

    Each may use half of the time that is left, and the last one all of it: however many there are,
    the first has as much time as it may need, and one that is silent leaves some for the next.

    Raises:
        TimeoutError: The deadline passed; the error says how many addresses were not tried.
        OSError: None accepted; the error is the last one's and says how many were tried.
    """
    count = len(addresses)

    def attempts() -> None:
        for number, (_, sockaddr) in enumerate(addresses, 1):  # pragma: no branch - the last raises
            last = number == count
            try:
                _attempt(descriptor, sockaddr, deadline if last else deadline.half(_LEAST))
                return
            except OSError as error:
                # A system that reports a timeout of its own is not our deadline.
                out_of_time = isinstance(error, errors.TimeoutError) and deadline.passed()
                if descriptor.closed or (out_of_time and last):
                    raise
                if out_of_time:
                    tried = f" ({number} of {count} addresses tried; dial tries them side by side)"
                    raise deadline.expired(tried) from None
                if last:
                    raise failed(error, shown(sockaddr), count) from None

    descriptor.exclusively(descriptor.writing, attempts, deadline)


def connect_to_path(descriptor: Descriptor, path: str, deadline: Deadline) -> None:
    """Connects to the Unix socket at `path`, waiting while its backlog is full.

    Raises:
        TimeoutError: There was no place in the backlog in time.
        OSError: `path` cannot be a socket's path, or nobody listens there.
    """
    name = checked_path(path)

    def attempts() -> None:
        # The system tells nobody when there is a place (poll says "writable" all the time), and
        # the wait it offers, a blocking connect, cannot be ended by close().
        pause = _SHORTEST_PAUSE
        connect = partial(descriptor.sock.connect_ex, name)
        while (number := descriptor.non_blocking(connect)) in IN_PROGRESS:
            remaining = deadline.remaining()
            if remaining is not None and deadline.passed():
                raise deadline.expired()
            time.sleep(pause if remaining is None else min(pause, remaining))
            if descriptor.closed:
                raise interrupted_error()
            pause = min(2 * pause, _LONGEST_PAUSE)
        if number:
            raise errors.from_number(number, f"connect to {path}")
        descriptor.connected = True

    descriptor.exclusively(descriptor.writing, attempts, deadline)


def checked_path(path: str) -> bytes:
    """Returns a Unix socket's path as the system takes it.

    Raises:
        OSError: `EINVAL` or `ENAMETOOLONG`, because no socket can have this path.
    """
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, not {type(path).__name__}")
    if "\0" in path:
        raise errors.invalid("path must not contain a NUL character")
    if not path:
        raise errors.invalid("path must be the path of a Unix socket, not empty")
    try:
        name = os.fsencode(path)
    except UnicodeError:
        raise errors.invalid("path cannot be encoded as a file name") from None
    if len(name) > _LONGEST_PATH:
        raise OSError(
            errno.ENAMETOOLONG,
            f"path has {len(name)} bytes; a Unix socket's path has at most {_LONGEST_PATH}",
        )
    return name


def outcome(sock: socket.socket, sockaddr: SocketAddress) -> int:
    """Returns how an attempt ended that poll says has ended: 0 or an error number."""
    if _ON_LINUX:
        # Not SO_ERROR: Linux takes the socket for one that is still connecting until connect has
        # reported the end, and answers the next connect with that.
        number = sock.connect_ex(sockaddr)
        return 0 if number == errno.EISCONN else number
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # pragma: no cover - not Linux


def failed(error: OSError, where: str, tried: int) -> OSError:
    """Returns the error of a connect that failed with every address."""
    suffix = f" ({tried} addresses tried)" if tried > 1 else ""
    return errors.in_context(error, f"connect to {where}{suffix}")


def get_primary_ip_addr(packed: bytes) -> bytes:
    """Returns the local address that packets to `packed` would leave from; sends none.

    Raises:
        OSError: There is no route.
    """
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6
    destination = format_ip_address(packed)
    # Connecting a UDP socket chooses the route and the local address; any port but 0 will do.
    with owned(socket.socket(family, socket.SOCK_DGRAM)) as probe:
        try:
            probe.connect((destination, 80))
        except OSError as error:
            raise errors.in_context(error, f"find a route to {destination}") from None
        return parse_ip_address(probe.getsockname()[0])


def _attempt(descriptor: Descriptor, sockaddr: SocketAddress, deadline: Deadline) -> None:
    sock = descriptor.sock
    begun = False

    def connect() -> int:
        nonlocal begun
        number = sock.connect_ex(sockaddr)
        while number in IN_PROGRESS:
            begun = True
            deadline.wait_writable(sock.fileno())
            if descriptor.closed:
                raise interrupted_error()
            number = outcome(sock, sockaddr)
        return number

    number = 0
    try:
        number = descriptor.non_blocking(connect)
        if number:
            raise OSError(number, os.strerror(number))
        descriptor.connected = True
    except BaseException:
        if begun and not number:
            _abort(sock)
        raise


def _abort(sock: socket.socket) -> None:
    """Ends an attempt that is still under way; on Linux the socket is then unconnected again."""
    with contextlib.suppress(OSError):  # it may have ended by itself
        sock.shutdown(socket.SHUT_RDWR)
        sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
