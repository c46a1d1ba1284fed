"""The matrix: every way in which one scenario is run.

A scenario is data. What is ready when its steps begin (`given`) decides the transports it applies
to; a stream also runs buffered and unbuffered; and a scenario that uses operations runs in each of
their forms. The product of these, less what the scenario restricts, are its cells: one test each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from nimnet_gen.model.evidence import Given, Operation, OperationForm, Scenario
from nimnet_gen.model.surface import Spec

STREAMS: Final = ("tcp", "tcp6", "unix", "tls12", "tls13", "psk12", "psk13")
SECURED: Final = ("tls12", "tls13", "psk12", "psk13")
DESCRIPTORS: Final = ("tcp", "tcp6", "unix")
DATAGRAMS: Final = ("udp", "udp6")
TRANSPORTS: Final = (*STREAMS, *DATAGRAMS)

TRANSPORTS_OF: Final[Mapping[Given, tuple[str, ...]]] = MappingProxyType(
    {
        "connection": STREAMS,
        "accepted": STREAMS,
        "server": STREAMS,
        "client": STREAMS,
        "unwrapped": SECURED,
        "unsecured": SECURED,
        "descriptor": DESCRIPTORS,
        "datagrams": DATAGRAMS,
        "nothing": (),
    }
)
"""What a scenario runs on by what is given, unless it is restricted."""

SUBJECT_OF: Final[Mapping[Given, str | None]] = MappingProxyType(
    {
        "connection": "socket",
        "accepted": "socket",
        "server": "server",
        "client": "socket",
        "unwrapped": "socket",
        "unsecured": "socket",
        "descriptor": None,
        "datagrams": "socket",
        "nothing": None,
    }
)
"""The name of the socket that is ready, and that methods are called on where no step says `on`."""


@dataclass(frozen=True)
class StageName:
    """A name that the stage provides: Nim's type of its value, and where it is there."""

    type: str
    givens: frozenset[Given]


_ANYWHERE: Final = frozenset(TRANSPORTS_OF)
_PEER_ADDRESS: Final = _ANYWHERE - {"nothing"}

STAGE_NAMES: Final[Mapping[str, StageName]] = MappingProxyType(
    {
        "host": StageName("text", _PEER_ADDRESS),
        "port": StageName("Port", _PEER_ADDRESS),
        "path": StageName("text", _PEER_ADDRESS),
        "own_host": StageName("text", frozenset({"server", "accepted", "datagrams"})),
        "own_port": StageName("Port", frozenset({"server", "accepted", "datagrams"})),
        "descriptor": StageName("SocketHandle", frozenset({"descriptor"})),
        "name": StageName("text", _ANYWHERE),
        "fresh_path": StageName("text", _ANYWHERE),
        "closed_port": StageName("Port", _ANYWHERE),
        "full_port": StageName("Port", _ANYWHERE),
        "ca_file": StageName("text", _ANYWHERE),
        "other_ca_file": StageName("text", _ANYWHERE),
        "cert_file": StageName("text", _ANYWHERE),
        "key_file": StageName("text", _ANYWHERE),
        "self_signed_file": StageName("text", _ANYWHERE),
        "client_cert_file": StageName("text", _ANYWHERE),
        "client_key_file": StageName("text", _ANYWHERE),
        "missing_file": StageName("text", _ANYWHERE),
        "psk_identity": StageName("text", _ANYWHERE),
        "psk_key": StageName("data", _ANYWHERE),
        "psk_hint": StageName("text", _ANYWHERE),
    }
)


@dataclass(frozen=True)
class Cell:
    """One test of a scenario: where it runs, and in which form of each of its operations.

    Attributes:
        transport: the transport, or None where nothing is given.
        buffered: whether the socket is buffered, or None where nothing is given.
        forms: the form of each operation that the scenario uses, in the order of first use.
    """

    transport: str | None
    buffered: bool | None
    forms: tuple[OperationForm, ...]

    @property
    def label(self) -> str:
        """The cell as a test's id has it: `tcp-buffered-recv/3`."""
        parts = [] if self.transport is None else [self.transport]
        if self.buffered is not None:
            parts.append("buffered" if self.buffered else "unbuffered")
        return "-".join([*parts, *(form.call for form in self.forms)])


def given(scenario: Scenario) -> Given:
    """Return what is ready when a scenario begins."""
    if scenario.given is not None:
        return scenario.given
    return "connection" if "peer" in scenario.keys else "nothing"


def operations_of(spec: Spec) -> Mapping[str, Operation]:
    """Return every operation by its name; of two with one name, the first counts."""
    listed = [operation for module in spec.modules for operation in module.operations]
    return {operation.name: operation for operation in reversed(listed)}


def operations_used(
    scenario: Scenario, operations: Mapping[str, Operation]
) -> tuple[Operation, ...]:
    """Return the operations that a scenario's steps do, in the order of first use."""
    names = dict.fromkeys(step.do for step in scenario.steps if step.do is not None)
    return tuple(operations[name] for name in names if name in operations)


def forms_on(
    transport: str | None, used: Sequence[Operation]
) -> tuple[tuple[OperationForm, ...], ...]:
    """Return the combinations of forms that operations are run in; one empty one without any.

    Of each operation the forms count that exist on the transport. Those of several are paired, the
    shorter lists from their beginning again, so that each form is run and the number of pairs stays
    that of the longest list. There is none if an operation has no form there.
    """
    usable = [
        [
            form
            for form in operation.forms
            if form.transports is None or transport in form.transports
        ]
        for operation in used
    ]
    if not all(usable):
        return ()
    most = max(map(len, usable), default=1)
    return tuple(tuple(forms[number % len(forms)] for forms in usable) for number in range(most))


def count(scenario: Scenario, operations: Mapping[str, Operation]) -> int:
    """Return how many tests a scenario is at most, without making them."""
    used = operations_used(scenario, operations)
    most = max((len(operation.forms) for operation in used), default=1)
    ready = given(scenario)
    if ready == "nothing":
        return most
    transports = scenario.transports or TRANSPORTS_OF[ready]
    return len(transports) * most * (2 if scenario.buffered is None else 1)


def cells(scenario: Scenario, operations: Mapping[str, Operation]) -> tuple[Cell, ...]:
    """Return a cell for each test of a scenario."""
    used = operations_used(scenario, operations)
    ready = given(scenario)
    if ready == "nothing":
        return tuple(Cell(None, None, forms) for forms in forms_on(None, used))
    transports = scenario.transports or TRANSPORTS_OF[ready]
    kinds = (True, False) if scenario.buffered is None else (scenario.buffered,)
    return tuple(
        Cell(transport, kind, forms)
        for transport in transports
        for kind in kinds
        for forms in forms_on(transport, used)
    )
