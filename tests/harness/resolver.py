"""The system's resolver, replaced: by the answers of a scenario, or by one that does not answer."""

from __future__ import annotations

import _socket
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias
from unittest import mock

from nimnet_runtime import lookups

_SocketAddress: TypeAlias = tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]
_Entry: TypeAlias = tuple[int, int, int, str, _SocketAddress]


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
    system = _socket.getaddrinfo
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
            for entry in system(address, port, 0, type, proto, _socket.AI_NUMERICHOST)
            if family in (_socket.AF_UNSPEC, entry[0])
        ]
        if not found:
            raise _socket.gaierror(_socket.EAI_NONAME, "Name or service not known")
        return found

    with mock.patch.object(_socket, "getaddrinfo", getaddrinfo):
        try:
            yield
        finally:
            over.set()
            _until_answered()


class Silence:
    """A resolver that does not answer for names that end in `.silent` before it is told to.

    Attributes:
        asked: The names, as often as it was asked for each.
        answer: Lets it answer: 192.0.2.1.
        failure: What it answers instead, if anything.
    """

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer = threading.Event()
        self.failure: Exception | None = None
        self._system = _socket.getaddrinfo
        self._inside: set[int] = set()

    def getaddrinfo(
        self, host: bytes, port: int | None, family: int, type: int, proto: int, flags: int
    ) -> Sequence[_Entry]:
        name = host.decode()
        if not name.endswith(".silent"):
            return self._system(host, port, family, type, proto, flags)
        self._inside.add(threading.get_ident())
        try:
            self.asked.append(name)
            self.answer.wait()
            if self.failure is not None:
                raise self.failure
            return [(_socket.AF_INET, _socket.SOCK_STREAM, 6, "", ("192.0.2.1", port or 0))]
        finally:
            self._inside.discard(threading.get_ident())

    @property
    def threads(self) -> int:
        """How many threads wait for it."""
        return len(self._inside)


@contextmanager
def silent() -> Iterator[Silence]:
    """Replace the system's resolver by one that is silent for some names; see `Silence`."""
    silence = Silence()
    with mock.patch.object(_socket, "getaddrinfo", silence.getaddrinfo):
        try:
            yield silence
        finally:
            silence.answer.set()
            _until_answered()


def _until_answered() -> None:
    """Wait for the end of all lookups: who asked the same again would join them."""
    while lookups._under_way:
        time.sleep(0.0005)
