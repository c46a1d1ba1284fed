"""From hosts and ports to socket addresses, under a deadline."""

from __future__ import annotations

import _socket as socket
import errno
from functools import partial

from nimnet_runtime import errors, hosts
from nimnet_runtime.address import read_quickly
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.description import family_name
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.hosts import Host
from nimnet_runtime.lookups import ask, look_up
from nimnet_runtime.platform import AF_INET, AF_INET6, AF_UNSPEC

SocketAddress = tuple[str, int] | tuple[str, int, int, int]
"""A numeric address as Python's sockets take it."""


Resolved = tuple[int, SocketAddress]
"""One address of a host: its family, and itself."""


def fault(host: str, port: int) -> str | None:
    """Returns what is wrong with a host and a port that no resolver need see; None if nothing."""
    checked = _checked(host, port)
    return checked if isinstance(checked, str) else None


def literal(host: str, port: int, family: int) -> Resolved | None:
    """Returns the one address of a host that is an IP address of that family.

    None for anything else, such as one with a zone, or one that is written wrongly.
    """
    if type(host) is str and 0 <= port <= 65535:
        packed = read_quickly(host)
        if packed is not None:
            own = AF_INET if len(packed) == 4 else AF_INET6
            if family in (own, AF_UNSPEC):
                return _literal(own, host, port)
    return None


def resolve(
    host: str,
    port: int,
    family: int,
    sock_type: int,
    deadline: Deadline,
    descriptor: Descriptor | None = None,
) -> list[Resolved]:
    """Returns the addresses of a host, at least one, in the order to try them (RFC 6724).

    Args:
        host: A name or an IP address, which may have a zone; an IP address asks no resolver.
        port: 0..65535.
        family: The family wanted, or `AF_UNSPEC`.
        sock_type: The type of the socket that will use the addresses.
        deadline: Ends the wait for the resolver.
        descriptor: That socket, if there is one already; its close ends the wait as well.

    Raises:
        OSError: The host or port is no such thing (`EINVAL`), the address is of another family
            (`EAFNOSUPPORT`), the name was not found (`socket.gaierror`), the resolver has not
            answered hundreds of times (`EAGAIN`), or the socket was closed meanwhile (`EBADF`).
        TimeoutError: The resolver did not answer in time.
    """
    known = literal(host, port, family)
    if known is not None:
        return [known]
    checked = _checked(host, port)
    if isinstance(checked, str):
        raise errors.invalid(checked)
    if checked.packed:
        _check_family(checked, family)
        if not checked.zoned:
            return [_literal(_family_of(checked), checked.text, port)]
    deadline.enter(f"asking the resolver for {errors.quoted(host)}")
    deadline.require_time()
    try:
        if checked.zoned:  # the system knows its number; nobody else is asked
            question = checked.text.encode(), socket.AF_INET6, sock_type
            found = ask(question, socket.AI_NUMERICHOST)
        else:
            # int(): questions are compared, and equal numbers of two types may have two hashes.
            wait = (
                deadline.acquire if descriptor is None else partial(descriptor.wait_for, deadline)
            )
            found = look_up((checked.name, int(family), int(sock_type)), wait)
    except errors.TimeoutError:
        raise  # which says all of it
    except OSError as error:
        if descriptor is not None and descriptor.closed:
            raise
        raise errors.in_context(error, f"resolve {errors.quoted(host)}") from None
    if not found:
        raise socket.gaierror(
            socket.EAI_NONAME, f"resolve {errors.quoted(host)}: the resolver knows no address"
        )
    deadline.enter(None)
    return [(entry[0], _with_port(entry[1], port)) for entry in found]


def _checked(host: str, port: int) -> Host | str:
    checked = hosts.read("address", host)
    if not 0 <= port <= 65535:
        return f"port must be within 0..65535, not {errors.spelled(port)}"
    return checked


def _check_family(host: Host, family: int) -> None:
    own = _family_of(host)
    if family not in (own, AF_UNSPEC):
        kind = "IPv6" if own == AF_INET6 else "IPv4"
        raise OSError(
            errno.EAFNOSUPPORT,
            f"{errors.printable(host.text)} is an {kind} address; "
            f"it needs a socket of {family_name(own)}",
        )


def _family_of(host: Host) -> int:
    return AF_INET6 if len(host.packed) == 16 else AF_INET


def _literal(family: int, text: str, port: int) -> Resolved:
    return family, (text, int(port)) if family == AF_INET else (text, int(port), 0, 0)


def _with_port(sockaddr: tuple[str | int, ...] | tuple[int, bytes], port: int) -> SocketAddress:
    """Returns the resolver's address with a port, and with the types it has for IP."""
    host, _, *rest = sockaddr
    if len(rest) == 2:
        return str(host), int(port), int(rest[0]), int(rest[1])
    return str(host), int(port)
