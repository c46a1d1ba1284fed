"""What a scripted peer can be told to do: the actions of scripts, as the specification has them."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, fields
from typing import Final, Literal

_SHOWN: Final = 40
"""Bytes that a description shows of an action's data."""


class Action:
    """An action, which shows itself in one readable line: without defaults, long data cut."""

    def __repr__(self) -> str:
        shown: list[str] = []
        for field in fields(self):  # type: ignore[arg-type]  # every subclass is a dataclass
            value = getattr(self, field.name)
            if field.default is MISSING:
                shown.append(_shortened(value))
            elif value != field.default:
                shown.append(f"{field.name}={value!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def _shortened(value: object) -> str:
    if isinstance(value, bytes) and len(value) > _SHOWN:
        return f"{value[:_SHOWN]!r}... {len(value)} bytes"
    return repr(value)


@dataclass(frozen=True, repr=False)
class Send(Action):
    """Send these bytes; as one datagram where the peer speaks UDP."""

    data: bytes


@dataclass(frozen=True, repr=False)
class ByteByByte(Action):
    """Send these bytes, each on its own, with so many milliseconds before the next."""

    data: bytes
    every: int = 0


@dataclass(frozen=True, repr=False)
class Expect(Action):
    """Read as many bytes as these, and demand that they are these."""

    data: bytes


@dataclass(frozen=True, repr=False)
class ExpectEnd(Action):
    """Read on, and demand that the stream ends as its protocol ends one."""


@dataclass(frozen=True, repr=False)
class WaitFor(Action):
    """Wait until the subject's side has signalled this name."""

    name: str


@dataclass(frozen=True, repr=False)
class HalfClose(Action):
    """End the sending side: with FIN, under TLS with close_notify."""


@dataclass(frozen=True, repr=False)
class Close(Action):
    """Close the connection, under TLS after a close_notify."""


@dataclass(frozen=True, repr=False)
class Drop(Action):
    """Close the connection without a close_notify."""


@dataclass(frozen=True, repr=False)
class Reset(Action):
    """Abort the connection, so that the subject's system reports a reset."""


@dataclass(frozen=True, repr=False)
class Garbage(Action):
    """Send these bytes beneath TLS."""

    data: bytes


@dataclass(frozen=True, repr=False)
class Silent(Action):
    """Say nothing more: the end of a script whose point is silence."""


@dataclass(frozen=True, repr=False)
class Accept(Action):
    """Accept a new connection, with the transport's handshake unless it is to be plain."""

    plain: bool = False


@dataclass(frozen=True, repr=False)
class Connect(Action):
    """Open a new connection to the subject, as `Accept` otherwise."""

    plain: bool = False


@dataclass(frozen=True, repr=False)
class Secure(Action):
    """Do this side of the TLS handshake on the current connection."""

    side: Literal["server", "client"]
