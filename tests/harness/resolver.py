"""The resolver of a scenario: its answers for some host names, in place of the system's."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias
from unittest import mock

_SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
_Entry: TypeAlias = tuple[socket.AddressFamily, socket.SocketKind, int, str, _SocketAddress]


@dataclass(frozen=True)
class Answer:
    """What the resolver answers for a name.

    Attributes:
        addresses: IP addresses in order; none for a name that is not known.
        full: Those of them at which, on the peer's port, a queue is full.
        after: After how many milliseconds it answers.
    """

    addresses: tuple[str, ...]
    full: tuple[str, ...]
    after: int


def known(*addresses: str, full: Sequence[str] = (), after: int = 0) -> Answer:
    """Return an answer of the resolver, see `Answer`."""
    return Answer(addresses, tuple(full), after)


@contextmanager
def answering_for(names: Mapping[str, Answer]) -> Iterator[None]:
    """Replace the system's resolver for these names; everything else still goes to the system."""
    system = socket.getaddrinfo
    over = threading.Event()  # so that nobody waits for a slow answer when all is over

    def getaddrinfo(
        host: bytes | str | None,
        port: bytes | str | int | None,
        family: int = 0,
        type: int = 0,  # the name that it has in the standard library
        proto: int = 0,
        flags: int = 0,
    ) -> Sequence[_Entry]:
        answer = names.get(host.decode() if isinstance(host, bytes) else str(host))
        if answer is None:
            return system(host, port, family, type, proto, flags)
        over.wait(answer.after / 1000)
        found = [
            entry
            for address in answer.addresses
            for entry in system(address, port, 0, type, proto, socket.AI_NUMERICHOST)
            if family in (socket.AF_UNSPEC, entry[0])
        ]
        if not found:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return found

    with mock.patch.object(socket, "getaddrinfo", getaddrinfo):
        try:
            yield
        finally:
            over.set()
