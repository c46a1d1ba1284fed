"""Dialing: a new socket to whichever address of a host answers first (RFC 8305).

All attempts run in the calling thread, on non-blocking sockets in one poll loop. The winner becomes
blocking again; every other socket is closed, whatever ends the call. For signal
handlers that raise, each socket is in a list before it has a descriptor.
"""

from __future__ import annotations

import _socket as socket
import errno
import os
from collections.abc import Sequence
from itertools import chain, zip_longest
from operator import index

from nimnet_runtime import errors
from nimnet_runtime.connecting import IN_PROGRESS, TRIES, failed, is_own_peer, outcome
from nimnet_runtime.deadline import Deadline, endless, within
from nimnet_runtime.description import Destination, shown
from nimnet_runtime.descriptor import Descriptor, set_blocking
from nimnet_runtime.disconnecting import disconnect
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.opening import open_socket, unopened
from nimnet_runtime.resolution import Resolved, resolve
from nimnet_runtime.stream import Security
from nimnet_runtime.system import Socket, monotonic, ready

TYPE_CHECKING = False  # see nimnet_runtime.__init__
if TYPE_CHECKING:
    from typing import Final

    from nimnet_runtime.sessions import TlsSession

_LONGEST_DELAY: Final = 0.25
_SHORTEST_DELAY: Final = 0.1
"""Seconds until the next attempt starts beside the earlier ones: what RFC 8305 (section 8)
recommends by default, and at least. The 10 ms below which it lets nobody go are for those who know
that the round trip is shorter; they would ask every address for a connection that is not needed."""

_SOCK_TYPES: Final = {
    socket.IPPROTO_TCP: socket.SOCK_STREAM,
    socket.IPPROTO_UDP: socket.SOCK_DGRAM,
}


def dial(
    address: str,
    port: int,
    protocol: int,
    buffered: bool,
    timeout: int,
    context: Security | None = None,
    hostname: str = "",
    session: TlsSession | None = None,
    safe_disconn: bool = True,
) -> Endpoint:
    """Returns a socket connected to `address`:`port`, over IPv6 or IPv4.

    Args:
        address: A host name or an IP address.
        port: 0..65535.
        protocol: `IPPROTO_TCP`, or `IPPROTO_UDP`, which connects without traffic.
        buffered: Whether the socket reads ahead.
        timeout: Milliseconds for name resolution, all attempts and the handshake; -1 for no end.
        context: What protects the connection; None for a plain one.
        hostname: Whom the certificate must be for; "" for `address`.
        session: That of an earlier connection, to be resumed; None for a full handshake.
        safe_disconn: Whether calls on the socket that are given no flags have `SAFE_DISCONN`.

    Raises:
        TimeoutError: No attempt succeeded in time.
        OSError: An argument is wrong, the name was not found, or every address failed; the error
            is that of the first to fail and says how many were tried.
        SslError: The handshake failed; the connection is closed.
    """
    deadline = endless(timeout)
    if deadline is None:
        deadline = within(timeout, "dial", Destination(address, port))
    sock_type = _SOCK_TYPES.get(index(protocol))  # a TypeError also for what cannot be hashed
    if sock_type is None:
        raise errors.invalid(
            f"protocol must be IPPROTO_TCP or IPPROTO_UDP, not {errors.spelled(protocol)}"
        )
    name = hostname or address
    if context is not None:
        if sock_type != socket.SOCK_STREAM:
            raise errors.unsupported(
                "TLS needs a stream: protocol must be IPPROTO_TCP, or no context"
            )
        if session is not None:
            context = context.resuming(session)
        context.check_named(name, "hostname" if hostname else "address")
    elif hostname:
        raise errors.invalid("hostname is whom a certificate must be for: pass context as well")
    elif session is not None:
        raise errors.invalid("session is one of TLS: pass the context that it comes from as well")
    addresses = resolve(address, port, socket.AF_UNSPEC, sock_type, deadline)
    try:
        sock = race(addresses, sock_type, protocol, deadline)
    except errors.TimeoutError:
        raise
    except OSError as error:
        raise failed(error, f"{errors.quoted(address)}, port {port}", len(addresses)) from None
    try:
        descriptor = Descriptor(sock)
        endpoint = Endpoint(descriptor, sock.family, sock_type, protocol, buffered, safe_disconn)
        if context is not None:
            _protect(endpoint, context, name, deadline)
        return endpoint
    except BaseException:
        sock.close()
        raise


def _protect(endpoint: Endpoint, context: Security, name: str, deadline: Deadline) -> None:
    """Speaks TLS over a new connection; a failure closes it, as far as the alert can tell why."""
    try:
        endpoint.begin_session(context, name, deadline)
    except BaseException:
        try:  # noqa: SIM105 - contextlib takes its time to load
            endpoint.close()
        except OSError:
            pass  # what kept it from its end is what is raised
        raise


def race(
    addresses: Sequence[Resolved], sock_type: int, protocol: int, deadline: Deadline
) -> Socket:
    """Returns a blocking socket, connected to the first of `addresses` that answers.

    Raises:
        TimeoutError: None answered in time; the error says how many addresses were not tried.
        OSError: Every address failed; the error is that of the first to fail.
    """
    opened: list[Socket] = []
    try:
        if len(addresses) == 1 and not deadline.bounded:
            return _only(addresses[0], sock_type, protocol, opened)
        deadline.require_time()
        winner = _first(addresses, sock_type, protocol, deadline, opened)
        set_blocking(winner, True)
        for sock in opened:
            if sock is not winner:
                sock.close()
        return winner
    except BaseException:
        for sock in opened:
            sock.close()
        raise


def _only(resolved: Resolved, sock_type: int, protocol: int, opened: list[Socket]) -> Socket:
    """As `race`, to one address without a deadline: the system does all that there is to do."""
    family, sockaddr = resolved
    number = 0
    for _ in range(TRIES):
        sock = unopened()
        opened.append(sock)
        open_socket(sock, family, sock_type, protocol)
        number = sock.connect_ex(sockaddr)
        if number:
            break
        # One of its own ports can only be the peer's if they are the same number.
        if sock.getsockname()[1] != sockaddr[1] or not is_own_peer(sock):
            return sock
        disconnect(sock)  # what is only closed keeps the port from others for a minute
        sock.close()
        number = errno.ECONNREFUSED
    raise OSError(number, os.strerror(number))


def _first(
    addresses: Sequence[Resolved],
    sock_type: int,
    protocol: int,
    deadline: Deadline,
    opened: list[Socket],
) -> Socket:
    """As `race`; puts the sockets of all attempts, which are the caller's to close, in `opened`."""
    queue = interleaved(addresses)
    under_way: dict[int, tuple[Socket, Resolved]] = {}
    own_peers: list[Resolved] = []
    first_failure: OSError | None = None
    next_start = 0.0
    while queue or under_way:
        if queue and (not under_way or monotonic() >= next_start):
            resolved = queue.pop(0)
            next_start = monotonic() + _delay(deadline, len(queue))
            try:
                begun, is_connected = _begin(resolved, sock_type, protocol, opened)
            except OSError as error:
                first_failure = first_failure or errors.again(error)
                next_start = 0.0
                continue
            if is_connected and not is_own_peer(begun):
                return begun
            under_way[begun.fileno()] = begun, resolved
        in_time = not deadline.passed()  # before the look: what is there when the time ends counts
        waits = [deadline.remaining(), max(0.0, next_start - monotonic()) if queue else None]
        seconds = min((wait for wait in waits if wait is not None), default=None)
        for fd in ready(under_way, False, seconds):
            sock, resolved = under_way[fd]
            number = outcome(sock, resolved[1])
            if number in IN_PROGRESS:
                continue
            if number == 0:
                if not is_own_peer(sock):
                    return sock
                disconnect(sock)  # what is only closed keeps the port from others for a minute
                number = errno.ECONNREFUSED
                own_peers.append(resolved)
                if own_peers.count(resolved) < TRIES:
                    queue.insert(0, resolved)
            under_way.pop(fd)[0].close()
            first_failure = first_failure or OSError(number, os.strerror(number))
            next_start = 0.0
        if not in_time:
            tried = len(addresses) - len(queue)
            progress = f"{tried} of {len(addresses)} addresses tried" if queue else ""
            silent = " and ".join(shown(resolved[1]) for _, resolved in under_way.values())
            waiting = f"connecting to {silent}" if silent else ""
            raise deadline.expired(waiting, progress) from first_failure
    assert first_failure is not None
    try:
        raise first_failure
    finally:
        del first_failure  # or it would keep this call, which its traceback knows


def _delay(deadline: Deadline, waiting: int) -> float:
    """Returns the seconds until the next attempt: the time left is spread over those `waiting`."""
    remaining = deadline.remaining()
    if remaining is None:
        return _LONGEST_DELAY
    return min(max(remaining / (waiting + 1), _SHORTEST_DELAY), _LONGEST_DELAY)


def interleaved(addresses: Sequence[Resolved]) -> list[Resolved]:
    """Returns the addresses with the families in turn, the first one's first (RFC 8305, 4)."""
    if not addresses:
        return []
    first = [a for a in addresses if a[0] == addresses[0][0]]
    other = [a for a in addresses if a[0] != addresses[0][0]]
    return [a for a in chain.from_iterable(zip_longest(first, other)) if a is not None]


def _begin(
    resolved: Resolved, sock_type: int, protocol: int, opened: list[Socket]
) -> tuple[Socket, bool]:
    """Returns a socket whose connection is under way, and whether it has been made already."""
    family, sockaddr = resolved
    sock = unopened()
    opened.append(sock)
    open_socket(sock, family, sock_type, protocol)
    set_blocking(sock, False)
    number = sock.connect_ex(sockaddr)
    if number and number not in IN_PROGRESS:
        sock.close()
        raise OSError(number, os.strerror(number))
    return sock, number == 0
