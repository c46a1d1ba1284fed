"""Connecting one socket: to the addresses of a host in turn, or to a Unix path.

An attempt runs with the descriptor non-blocking for as long as it lasts, also without a deadline:
then a signal handler that raises and another thread that closes find the same single path out.
An attempt that is given up is undone, so that the socket is unconnected again and can be used for
the next address: also where the connection is made in that very moment. There is one socket, with
the options and the name that the caller gave it, and so one attempt after the other; `dial`, which
makes its sockets itself, has them run side by side.

Where a signal handler raises, what the system answered first must not be lost (see
nimnet_runtime.__init__): it tells whether there is anything to undo, as it says EISCONN of a socket
that was connected before.
"""

from __future__ import annotations

import _socket as socket
import errno
import os
import sys
from collections.abc import Callable, Sequence

from nimnet_runtime import errors
from nimnet_runtime.address import format_ip_address, parse_ip_address
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import host_and_port, shown
from nimnet_runtime.descriptor import Descriptor, interrupted_error
from nimnet_runtime.disconnecting import disconnect
from nimnet_runtime.opening import open_socket, unopened
from nimnet_runtime.resolution import Resolved, SocketAddress
from nimnet_runtime.system import Socket

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

IN_PROGRESS: Final = frozenset({errno.EINPROGRESS, errno.EALREADY, errno.EWOULDBLOCK})
"""What a non-blocking connect answers while it is under way (or, on Unix sockets, must wait)."""
TRIES: Final = 3
"""How often an address is tried where each connection is one of the socket to itself."""

_ON_LINUX: Final = bool(sys.platform == "linux")
_LONGEST_PATH: Final = 107 if _ON_LINUX else 103
"""The bytes of `sun_path`, without the NUL at its end (unix(7))."""
_LEAST: Final = 0.25
"""Seconds that an address has to answer, while there is that much: what RFC 8305 (section 8) gives
it before others are tried as well."""


def connect_to_first(
    descriptor: Descriptor,
    addresses: Sequence[Resolved],
    deadline: Deadline,
    begin: Callable[[], None] = lambda: None,
) -> None:
    """Connects to the first of `addresses` that accepts.

    Each may use half of the time that is left, and the last one all of it: however many there are,
    the first has as much time as it may need, and one that is silent leaves some for the next.

    Args:
        descriptor: What is connected.
        addresses: To what, in this order.
        deadline: Ends it.
        begin: Is called when it is this call's turn, before the first attempt.

    Raises:
        TimeoutError: The deadline passed; the error says how many addresses were not tried.
        OSError: None accepted; the error is the last one's and says how many were tried.
    """
    descriptor.exclusively(
        descriptor.writing, lambda: _try_in_turn(descriptor, addresses, deadline, begin), deadline
    )


def _try_in_turn(
    descriptor: Descriptor,
    addresses: Sequence[Resolved],
    deadline: Deadline,
    begin: Callable[[], None],
) -> None:
    """As `connect_to_first`, for the call whose turn it is."""
    count = len(addresses)
    begin()
    for number, (_, sockaddr) in enumerate(addresses, 1):  # pragma: no branch - the last raises
        last = number == count
        deadline.enter(f"connecting to {shown(sockaddr)}")
        try:
            _attempt(descriptor, sockaddr, deadline if last else deadline.half(_LEAST))
            return
        except OSError as error:
            # A system that reports a timeout of its own is not our deadline.
            out_of_time = isinstance(error, errors.TimeoutError) and deadline.passed()
            if descriptor.closed or (out_of_time and last):
                raise
            if out_of_time:
                tried = f"{number} of {count} addresses tried; dial tries them side by side"
                raise deadline.expired(progress=tried) from None
            if last:
                raise failed(error, shown(sockaddr), count) from None


def connect_to_path(
    descriptor: Descriptor, path: str, deadline: Deadline, begin: Callable[[], None] = lambda: None
) -> None:
    """Connects to the Unix socket at `path`, waiting while its backlog is full.

    Args:
        descriptor: What is connected.
        path: To what.
        deadline: Ends it.
        begin: Is called when it is this call's turn, before the first attempt.

    Raises:
        TimeoutError: There was no place in the backlog in time.
        OSError: `path` cannot be a socket's path, or nobody listens there.
    """
    name = checked_path(path)
    answers: list[int] = []

    try:
        descriptor.exclusively(
            descriptor.writing,
            lambda: _wait_for_place(descriptor, path, name, answers, deadline, begin),
            deadline,
        )
    except OSError as error:
        descriptor.connected |= 0 in answers
        raise errors.named(error, lambda: f"connect to {shown(path)}") from error.__cause__
    except BaseException:
        descriptor.connected |= 0 in answers
        raise


def _wait_for_place(
    descriptor: Descriptor,
    path: str,
    name: bytes,
    answers: list[int],
    deadline: Deadline,
    begin: Callable[[], None],
) -> None:
    """As `connect_to_path`, for the call whose turn it is; the last of `answers` is the result."""
    begin()
    # The system tells nobody when there is a place (poll says "writable" all the time), and the
    # wait it offers, a blocking connect, cannot be ended by close().
    descriptor.ask_again(
        lambda: _has_place(descriptor, name, answers),
        deadline,
        "waiting for a place in the listener's backlog",
    )
    if answers[-1]:
        raise errors.from_number(answers[-1], f"connect to {shown(path)}")
    descriptor.connected = True


def _has_place(descriptor: Descriptor, name: bytes, answers: list[int]) -> bool:
    answers.clear()
    descriptor.non_blocking(lambda: answers.extend(map(descriptor.sock.connect_ex, (name,))))
    return answers[-1] not in IN_PROGRESS


def checked_path(path: str) -> bytes:
    """Returns a Unix socket's path as the system takes it; with a leading NUL, an abstract name.

    Raises:
        OSError: `EINVAL` or `ENAMETOOLONG`, because no socket can have this path.
    """
    if not isinstance(path, str):
        raise TypeError(f"path must be a str, not {type(path).__name__}")
    abstract = _ON_LINUX and path.startswith("\0")
    if "\0" in path and not abstract:
        only = " anywhere but at its beginning" if _ON_LINUX else ""
        raise errors.invalid(f"path must not contain a NUL character{only}")
    if not path:
        raise errors.invalid("path must be the path of a Unix socket, not empty")
    try:
        name = os.fsencode(path)
    except UnicodeError:
        raise errors.invalid("path cannot be encoded as a file name") from None
    longest = _LONGEST_PATH + 1 if abstract else _LONGEST_PATH  # which no NUL ends
    if len(name) > longest:
        raise OSError(
            errno.ENAMETOOLONG,
            f"path has {len(name)} bytes; a Unix socket's path has at most {longest}",
        )
    return name


def outcome(sock: Socket, sockaddr: SocketAddress) -> int:
    """Returns how an attempt ended that poll says has ended: 0 or an error number."""
    if _ON_LINUX:
        # Not SO_ERROR: Linux takes the socket for one that is still connecting until connect has
        # reported the end, and answers the next connect with that.
        number = sock.connect_ex(sockaddr)
        return 0 if number == errno.EISCONN else number
    return sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)  # pragma: no cover - not Linux


def is_own_peer(sock: Socket) -> bool:
    """Tells whether a socket is connected to itself.

    A port on which nobody listens is free, and the system may choose it for the connection to it:
    then TCP connects both ends at once (RFC 9293 section 3.5), and they are the same.
    """
    try:
        return sock.type != socket.SOCK_RAW and sock.getsockname() == sock.getpeername()
    except OSError:
        return False  # the peer has gone again


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
    probe = unopened()
    try:
        try:
            open_socket(probe, family, socket.SOCK_DGRAM, 0)
            # Connecting a UDP socket chooses the route and the local address; any port but 0 will
            # do.
            probe.connect((destination, 80))
            return parse_ip_address(host_and_port(probe.getsockname())[0])
        finally:
            probe.close()
    except OSError as error:
        raise errors.in_context(error, f"find a route to {destination}") from None


def _attempt(descriptor: Descriptor, sockaddr: SocketAddress, deadline: Deadline) -> None:
    """Connects to one address, or leaves the socket as it was."""
    sock = descriptor.sock
    answers: list[int] = []

    try:
        number = descriptor.non_blocking(
            lambda: _connect_elsewhere(descriptor, sockaddr, deadline, answers)
        )
        if not number:
            descriptor.connected = True
            return
    except BaseException:
        if answers and (answers[0] == 0 or answers[0] in IN_PROGRESS):
            descriptor.connected = not disconnect(sock)
        raise
    if number != errno.EISCONN and sock.type == socket.SOCK_STREAM:
        descriptor.connected = False  # nor was it before: the system would have said so
    raise OSError(number, os.strerror(number))


def _connect_elsewhere(
    descriptor: Descriptor, sockaddr: SocketAddress, deadline: Deadline, answers: list[int]
) -> int:
    """As `_connect`, again where the system has connected the socket to itself."""
    for _ in range(TRIES):
        number = _connect(descriptor, sockaddr, deadline, answers)
        if number or descriptor.bound or not is_own_peer(descriptor.sock):
            return number
        if not disconnect(descriptor.sock):
            raise OSError(errno.ECONNREFUSED, os.strerror(errno.ECONNREFUSED))
    return errno.ECONNREFUSED


def _connect(
    descriptor: Descriptor, sockaddr: SocketAddress, deadline: Deadline, answers: list[int]
) -> int:
    """Returns how an attempt ended; puts what the system answered to its beginning in `answers`."""
    sock = descriptor.sock
    answers += map(sock.connect_ex, (sockaddr,))
    if answers[-1] == errno.EALREADY and disconnect(sock):
        # An attempt that somebody has left under way, nobody knows to which address.
        answers += map(sock.connect_ex, (sockaddr,))
    number, in_time = answers[-1], True
    while number in IN_PROGRESS:
        if not in_time:
            raise deadline.expired()
        try:
            deadline.wait_writable(sock.fileno())
        except errors.TimeoutError:
            if not _ON_LINUX:  # pragma: no cover - whose answer means something only after a wait
                raise
            in_time = False  # a last look: what is there when the time ends counts
        if descriptor.closed:
            raise interrupted_error()
        number = outcome(sock, sockaddr)
    return number
