"""The stage of a generated scenario: a nimnet socket, connected to a scripted peer."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nimnet
import pytest

from harness.peer import Action, Peer
from harness.transports import TRANSPORTS as TRANSPORTS
from harness.transports import connected

_SPEC = Path(__file__).resolve().parents[2] / "spec" / "net"


@contextmanager
def stage(
    transport: str, *, buffered: bool, script: Sequence[Action], statement: str
) -> Iterator[tuple[nimnet.Socket, Peer]]:
    """Connect a subject to a peer that plays `script`; a failure names the statement."""
    try:
        with (
            connected(transport, buffered=buffered) as (subject, connection),
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
