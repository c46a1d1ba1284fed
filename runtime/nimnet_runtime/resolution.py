"""From host names to socket addresses, under a deadline.

The system's resolver cannot be interrupted. A call with a deadline therefore asks it in a thread
of its own and stops waiting when the time is up; the thread ends when the resolver answers.
"""

import errno
import socket
import threading
from collections.abc import Callable
from contextlib import suppress

from nimnet_runtime import address, errors
from nimnet_runtime.deadline import Deadline

SocketAddress = tuple[str, int] | tuple[str, int, int, int]
"""A numeric address as Python's sockets take it."""


Resolved = tuple[int, SocketAddress]
"""One address of a host: its family, and itself."""

_MOST_AT_ONCE = 32
_places = threading.BoundedSemaphore(_MOST_AT_ONCE)
"""What keeps a hanging resolver from collecting threads without end."""


def fault(host: str, port: int) -> str | None:
    """Returns what is wrong with a host and a port that no resolver need see; None if nothing."""
    if not isinstance(host, str):
        raise TypeError(f"address must be a str, not {type(host).__name__}")
    if "\0" in host:
        return "address must not contain a NUL character"
    if not 0 <= port <= 65535:
        return f"port must be within 0..65535, not {errors.spelled(port)}"
    if not host:
        return "address must be a host name or an IP address, not empty"
    if isinstance(_encoded(host), str):
        return "address must be a host name whose labels have 1 to 63 characters, 253 in all"
    return None


def resolve(
    host: str, port: int, family: int, sock_type: int, deadline: Deadline
) -> list[Resolved]:
    """Returns the addresses of a host, at least one, in the order to try them (RFC 6724).

    Args:
        host: A name or an IP address, which may have a zone; an IP address asks no resolver.
        port: 0..65535.
        family: The family wanted, or `AF_UNSPEC`.
        sock_type: The type of the socket that will use the addresses.
        deadline: Ends the wait for the resolver.

    Raises:
        OSError: The host or port is no such thing (`EINVAL`), the address is of another family
            (`EAFNOSUPPORT`), or the name was not found (`socket.gaierror`).
        TimeoutError: The resolver did not answer in time.
    """
    wrong = fault(host, port)
    if wrong:
        raise errors.invalid(wrong)
    if address.is_ip_address(host):
        return [_literal(host, port, family)]
    # A zone stands only after a numeric address: nothing to ask anybody.
    numeric = "%" in host
    flags = socket.AI_NUMERICHOST if numeric else 0
    name = _encoded(host)

    def ask() -> list[Resolved]:
        # int(): CPython's getaddrinfo refuses a subclass of int, such as a type for ports.
        found = socket.getaddrinfo(name, int(port), family, sock_type, 0, flags)
        return [(entry[0], _narrowed(entry[4])) for entry in found]

    try:
        addresses = _ask_in_thread(ask, deadline) if deadline.bounded and not numeric else ask()
    except socket.gaierror as error:
        raise errors.in_context(error, f"resolve {host!r}") from None
    if not addresses:
        raise socket.gaierror(socket.EAI_NONAME, f"resolve {host!r}: the resolver knows no address")
    return addresses


def _literal(host: str, port: int, family: int) -> Resolved:
    is_v6 = ":" in host
    own = socket.AF_INET6 if is_v6 else socket.AF_INET
    if family not in (own, socket.AF_UNSPEC):
        kind = "IPv6" if is_v6 else "IPv4"
        raise OSError(
            errno.EAFNOSUPPORT, f"{host} is an {kind} address; it needs a socket of {own.name}"
        )
    return own, (host, port, 0, 0) if is_v6 else (host, port)


def _narrowed(sockaddr: tuple[str | int, ...] | tuple[int, bytes]) -> SocketAddress:
    """Returns the resolver's address with the types it has for AF_INET and AF_INET6."""
    host, port, *rest = sockaddr
    if len(rest) == 2:
        return str(host), int(port), int(rest[0]), int(rest[1])
    return str(host), int(port)


def _encoded(host: str) -> bytes | str:
    """Returns the name as the resolver takes it, or the text itself if no host can have it."""
    try:
        # The IDNA codec is loaded only by who needs it.
        name = host.encode("ascii") if host.isascii() else host.encode("idna")
    except UnicodeError:
        return host
    labels = name.removesuffix(b".").split(b".")
    numeric = b":" in name
    if not numeric and (len(name) > 254 or not all(1 <= len(label) <= 63 for label in labels)):
        return host
    return name


def _ask_in_thread(ask: Callable[[], list[Resolved]], deadline: Deadline) -> list[Resolved]:
    answered = threading.Event()
    answer: list[Resolved] = []
    failure: list[Exception] = []
    taken: list[None] = []

    def give_back() -> None:
        with suppress(IndexError):  # the thread and its starter may both get here
            taken.pop()
            _places.release()

    def run() -> None:
        try:
            answer.extend(ask())
        except Exception as error:
            failure.append(error)
        finally:
            give_back()
            answered.set()

    thread = threading.Thread(target=run, name="nimnet resolver", daemon=True)
    deadline.acquire(_places)
    taken.append(None)
    try:
        thread.start()
    except RuntimeError:
        give_back()
        raise OSError(errno.EAGAIN, "no thread could be started for the resolver") from None
    except BaseException:
        give_back()  # a signal handler raised, and the thread may or may not have been started
        raise
    remaining = deadline.remaining()
    if not answered.wait(None if remaining is None else min(remaining, threading.TIMEOUT_MAX)):
        raise deadline.expired()
    if failure:
        raise failure[0]
    return answer
