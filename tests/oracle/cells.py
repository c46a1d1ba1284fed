"""The tests of the oracle: every run of the generated document on every transport."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias, TypedDict, cast

from harness import actions
from harness.actions import Action
from harness.credentials import Certificate
from harness.peer import Given

_BASIC: Final = ("tcp", "udp")

Datum: TypeAlias = str | dict[str, str | int]
Written: TypeAlias = Mapping[str, Datum | int | bool]


class Verdict(TypedDict, total=False):
    """What the specification says of Nim; a key that is missing means all."""

    observed: str
    why: str
    sometimes: bool
    transports: Sequence[str]
    buffered: bool
    forms: Sequence[str]


class Run(TypedDict, total=False):
    """A scenario in one combination of forms, as the generator writes it."""

    statement: str
    scenario: str
    forms: Sequence[str]
    given: Given
    transports: Sequence[str]
    buffered: Sequence[bool]
    inexpressible: str
    proc: str
    script: Sequence[Written]
    certificate: Certificate
    patience: Sequence[int]
    dropped: Sequence[str]
    nim: Sequence[Verdict]


@dataclass(frozen=True)
class Cell:
    """One test.

    Attributes:
        run: The run.
        transport: Its transport; None where nothing is given.
        buffered: Whether its sockets are buffered; None where nothing is given.
    """

    run: Run
    transport: str | None
    buffered: bool | None

    @property
    def name(self) -> str:
        """What the test is called."""
        parts = [self.run["statement"], self.run["scenario"].replace(" ", "-"), *self.run["forms"]]
        if self.transport is not None:
            parts += [self.transport, "buffered" if self.buffered else "unbuffered"]
        return "-".join(filter(None, parts))

    @property
    def is_basic(self) -> bool:
        """Whether every test run asks Nim about it, not only `make oracle`."""
        return self.transport is None or (self.transport in _BASIC and self.buffered is True)

    @property
    def script(self) -> list[Action]:
        """What the peer does."""
        return [action(written) for written in self.run["script"]]

    def verdicts(self) -> list[Verdict]:
        """Return what the specification says that Nim does here, if it is not what it must."""
        return list(filter(self._is_meant, self.run.get("nim", ())))

    def _is_meant(self, verdict: Verdict) -> bool:
        forms = verdict.get("forms")
        return (
            self.transport in verdict.get("transports", (self.transport,))
            and self.buffered == verdict.get("buffered", self.buffered)
            and (forms is None or not set(forms).isdisjoint(self.run["forms"]))
        )

    def patience(self, step: int) -> int:
        """Return for how many milliseconds a step may rest by what it was told."""
        patience = self.run["patience"]
        return patience[step - 1] if 0 < step <= len(patience) else 0


def read_runs(path: Path) -> list[Run]:
    """Return the runs of the generated document."""
    _, *lines = path.read_text(encoding="utf-8").splitlines()  # the first has the header
    return [cast(Run, json.loads(line)) for line in lines]


def cells(runs: Sequence[Run]) -> Iterator[Cell]:
    """Yield a cell for each combination of a run with transport and buffering."""
    for run in runs:
        if run["given"] == "nothing":
            yield Cell(run, None, None)
        for transport in run["transports"]:
            for buffered in run["buffered"]:
                yield Cell(run, transport, buffered)


_DATA: Final = {
    "send": actions.Send,
    "expect": actions.Expect,
    "garbage": actions.Garbage,
}
_SWITCHES: Final = {
    "expect_end": actions.ExpectEnd,
    "close": actions.Close,
    "half_close": actions.HalfClose,
    "drop": actions.Drop,
    "reset": actions.Reset,
    "silent": actions.Silent,
}


def action(written: Written) -> Action:
    """Return an action of a script, which is written as in the specification."""
    match dict(written):
        case {"wait_for": str(name)}:
            return actions.WaitFor(name)
        case {"accept": "tls" | "plain" as opening}:
            return actions.Accept(plain=opening == "plain")
        case {"connect": "tls" | "plain" as opening}:
            return actions.Connect(plain=opening == "plain")
        case {"secure": "server" | "client" as side}:
            return actions.Secure(side)
        case {"byte_by_byte": (str() | dict()) as datum, **rest}:
            every = rest.get("every", 0)
            return actions.ByteByByte(data(datum), every if isinstance(every, int) else 0)
    ((key, value),) = written.items()
    if key in _SWITCHES:
        return _SWITCHES[key]()
    assert isinstance(value, str | dict), f"no data: {written}"
    return _DATA[key](data(value))


def data(written: Datum) -> bytes:
    """Return bytes of a script."""
    if isinstance(written, str):
        return written.encode()
    if "hex" in written:
        return bytes.fromhex(str(written["hex"]))
    return str(written["repeat"]).encode() * int(written["times"])
