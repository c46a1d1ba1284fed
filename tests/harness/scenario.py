"""The stage of a generated scenario: a nimnet socket, connected to a scripted peer."""

from __future__ import annotations

import socket
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nimnet
import pytest

from harness.peer import PATIENCE, Action, Peer

_SPEC = Path(__file__).resolve().parents[2] / "spec" / "net"
TRANSPORTS = ("tcp", "tcp6", "unix")
"""What a stream scenario runs on, unless the spec restricts it."""


@contextmanager
def stage(
    transport: str, *, buffered: bool, script: Sequence[Action], statement: str
) -> Iterator[tuple[nimnet.Socket, Peer]]:
    """Connect a subject to a peer that plays `script`; a failure names the statement."""
    try:
        with (
            _connected(transport, buffered) as (subject, connection),
            subject,
            Peer(connection, script) as peer,
        ):
            yield subject, peer
    except Exception as error:
        kind = "buffered" if buffered else "unbuffered"
        error.add_note(f"{_place(statement)}: {statement} [{transport}, {kind}]")
        raise


def _place(statement: str) -> str:
    """Return where the specification makes a statement, as `file:line`."""
    for path in sorted(_SPEC.glob("*.yaml")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip().removeprefix("- ") == f"id: {statement}":
                return f"spec/net/{path.name}:{number}"
    return statement


@contextmanager
def raising(
    expected: type[BaseException], *, message: str = "", within: tuple[int, int] | None = None
) -> Iterator[None]:
    """Demand `expected`, with these words in its message, after so many milliseconds."""
    with lasting(within), pytest.raises(expected) as caught:
        yield
    # In Python a nimnet.TimeoutError is an OSError too, but not the one that a contract means.
    is_timeout = isinstance(caught.value, nimnet.TimeoutError)
    assert is_timeout == issubclass(expected, nimnet.TimeoutError), repr(caught.value)
    assert message in str(caught.value), f"{message!r} is not in {str(caught.value)!r}"


@contextmanager
def lasting(within: tuple[int, int] | None) -> Iterator[None]:
    """Demand that what is inside takes between so many milliseconds."""
    began = time.monotonic()
    yield
    if within is not None:
        took = (time.monotonic() - began) * 1000
        assert within[0] <= took <= within[1], f"took {took:.0f} ms, not {within[0]} to {within[1]}"


@contextmanager
def _connected(transport: str, buffered: bool) -> Iterator[tuple[nimnet.Socket, socket.socket]]:
    """Yield the two ends of a new connection."""
    if transport == "unix":
        with tempfile.TemporaryDirectory() as folder:
            path = str(Path(folder, "peer.sock"))
            subject = nimnet.new_socket(
                nimnet.AF_UNIX, nimnet.SOCK_STREAM, nimnet.IPPROTO_IP, buffered
            )
            with _listening(socket.AF_UNIX, path) as listener:
                subject.connect_unix(path, timeout=int(PATIENCE * 1000))
                yield subject, listener.accept()[0]
        return
    family, host, domain = {
        "tcp": (socket.AF_INET, "127.0.0.1", nimnet.AF_INET),
        "tcp6": (socket.AF_INET6, "::1", nimnet.AF_INET6),
    }[transport]
    subject = nimnet.new_socket(domain, nimnet.SOCK_STREAM, nimnet.IPPROTO_TCP, buffered)
    try:
        listener = _listening(family, (host, 0))
    except OSError as error:
        subject.close()
        pytest.skip(f"{transport} is not available here: {error}")
    with listener:
        port = nimnet.Port(listener.getsockname()[1])
        subject.connect(host, port, timeout=int(PATIENCE * 1000))
        connection = listener.accept()[0]
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield subject, connection


def _listening(family: int, address: str | tuple[str, int]) -> socket.socket:
    """Return a listening socket, closed again if it cannot be bound."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.settimeout(PATIENCE)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener
