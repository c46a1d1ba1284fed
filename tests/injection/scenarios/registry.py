"""Where scenarios are listed, by the callable that they are for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from injection.stage import Act, Stage

STREAMS: Final = ("tcp", "unix", "tls12", "tls13", "psk13")
PLAIN: Final = ("tcp", "unix")
SECURED: Final = ("tls12", "tls13", "psk12", "psk13")
ALL: Final = (*STREAMS, "udp")
NOWHERE: Final = ("",)
"""For what needs no socket."""


@dataclass(frozen=True)
class Scenario:
    """How a callable is called.

    Attributes:
        callable: The callable and its parameters, as `contracts` has them.
        name: What tells it from other scenarios of the same callable.
        transports: What it runs on.
        buffered: Whether with buffered sockets, unbuffered ones or both.
        words: What a message may call the operation, besides the callable's name.
        prepare: Sets the stage and returns the call.
    """

    callable: str
    name: str
    transports: tuple[str, ...]
    buffered: tuple[bool, ...]
    words: tuple[str, ...]
    prepare: Callable[[Stage], Act]


SCENARIOS: Final[list[Scenario]] = []


def scenario(
    callable: str,
    *transports: str,
    buffered: tuple[bool, ...] = (True,),
    words: tuple[str, ...] = (),
) -> Callable[[Callable[[Stage], Act]], Callable[[Stage], Act]]:
    """Lists a function that prepares a call."""

    def listed(prepare: Callable[[Stage], Act]) -> Callable[[Stage], Act]:
        name = prepare.__name__.replace("_", " ").strip()
        SCENARIOS.append(Scenario(callable, name, transports or NOWHERE, buffered, words, prepare))
        return prepare

    return listed
