"""The same failure at the seam and in the kernel, and what the two disagree on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Final

from injection.contracts import Contract
from injection.failures import ELSEWHERE

from systemcalls.correspondence import Correspondence, MismatchError
from systemcalls.tracer import Call, Injection, attached

_TESTS: Final = Path(__file__).parents[1]
_NUMBER: Final = re.compile(r"\d+")
_TRIES: Final = 8
"""How often a failure is played at most, until the kernel and the seam have come to the same, at
whatever time: how much has arrived before differs from one time to the next, and decides what some
calls make of an end."""


@dataclass(frozen=True)
class Played:
    """What came of a scenario.

    Attributes:
        kind: The class of what the call raised; "" for nothing.
        number: Its error number.
        state: Whether its socket was open after it.
        raised: What it raised, in words.
        findings: What is wrong with that, and with what came after it.
        performed: The operations.
        struck: Whether the seam had one fail.
        calls: The system calls, if it was traced.
    """

    kind: str
    number: int | None
    state: str
    raised: str
    findings: tuple[str, ...]
    performed: tuple[str, ...]
    struck: bool
    calls: tuple[Call, ...] = ()

    @property
    def outcome(self) -> str:
        """What both ways must agree on."""
        # What was left open has another number each time.
        found = sorted(_NUMBER.sub("N", one) for one in self.findings)
        raised = f"{self.kind or 'no exception'}, errno {self.number}"
        return f"{raised}, {self.state or 'no socket'}; {found}"


@dataclass
class Compared:
    """What comparing a cell has shown.

    Attributes:
        cell: Its name.
        callable: The callable.
        system_calls: How many its call makes.
        compared: How many failures were tried in both ways.
        alone: How many in the kernel alone.
        explained: What both ways disagree on, with the reason that is stated.
        findings: The same without one, and what is wrong otherwise.
    """

    cell: str
    callable: str
    system_calls: int = 0
    compared: int = 0
    alone: int = 0
    explained: list[str] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)


class Child:
    """The process that plays, as the one that traces it sees it."""

    def __init__(self) -> None:
        """Starts it."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "systemcalls.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=_TESTS,
        )

    def __enter__(self) -> Child:
        """Ends it at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Ends it."""
        if kind is not None:
            self._process.kill()
        self._process.__exit__(kind, error, traceback)

    def play(
        self,
        cell: str,
        contract: Contract,
        operation: str = "",
        index: int = 0,
        failure: str = "",
        *,
        traced: bool = False,
        injection: Injection | None = None,
    ) -> Played:
        """Has it play a scenario.

        Args:
            cell: Which one.
            contract: What its callable declares.
            operation: What fails.
            index: Which operation of the call that is.
            failure: How it fails; "" for not at all.
            traced: Whether the kernel fails in place of the seam.
            injection: How; None for not at all.
        """
        self._say(
            {
                "cell": cell,
                "contract": asdict(contract),
                "operation": operation,
                "index": index,
                "failure": failure,
                "traced": traced,
            }
        )
        calls: list[Call] = []
        if traced:
            process = int(self._heard("ready")["process"])
            with attached(process, injection) as record:
                os.kill(process, signal.SIGUSR1)
                self._heard("called")
            calls = record.calls()
            self._say(
                [_descriptor(call) for call in calls if call.name == "close" and call.injected]
            )
            os.kill(process, signal.SIGUSR1)
        told = self._heard("played")
        return Played(
            told["kind"],
            told["errno"],
            told["state"],
            told["raised"],
            tuple(told["findings"]),
            tuple(told["performed"]),
            bool(told["struck"]),
            tuple(calls),
        )

    def _say(self, said: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(said) + "\n")
        self._process.stdin.flush()

    def _heard(self, event: str) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the child has ended with {self._process.wait()}")
        told: dict[str, Any] = json.loads(line)
        assert told["event"] == event, told
        return told


def _descriptor(call: Call) -> int:
    return int(call.arguments.partition(")")[0])


def compare(
    cell: str,
    contract: Contract,
    failures: dict[str, tuple[str, ...]],
    table: Correspondence,
    child: Child,
    sample: int,
) -> Compared:
    """Fails the system calls of a cell's call, one after the other, and compares.

    Args:
        cell: The cell.
        contract: What its callable declares.
        failures: What each operation can fail with.
        table: Which system calls stand behind which operation.
        child: What plays.
        sample: How many failures of each operation, and of each system call.
    """
    compared = Compared(cell, contract.callable)
    child.play(cell, contract)  # what is loaded when it is needed is loaded now
    whole = child.play(cell, contract, traced=True)
    compared.findings += [f"as it is: {one}" for one in whole.findings]
    compared.system_calls = len(whole.calls)
    if compared.findings or not whole.calls:
        return compared
    own = _own(whole)
    try:
        pairs, others = table.aligned(whole.performed, own)
    except MismatchError as error:
        names = " ".join(call.name for call in own)
        compared.findings.append(f"{error}: {' '.join(whole.performed)} are {names}")
        return compared
    for unheard in table.unheard(whole.performed, others):
        compared.findings.append(f"{unheard} is called, and is none of the seam's operations")
    for index, name, call in pairs:
        for failure in _chosen(failures[name], table, sample, f"{cell} {index}"):
            begin = whole.performed[: index + 1]
            _compare_one(compared, contract, begin, call, failure, table, child)
    elsewhere = [call for call in whole.calls if call not in own]
    for call in _distinct([*others, *elsewhere]):
        for outcome in table.unseen.get(call.name, ())[:sample]:
            _try_alone(compared, contract, call, outcome, table, child)
    return compared


def _own(played: Played) -> list[Call]:
    """Returns the system calls of the thread that makes the call."""
    # Whatever else there is was started by it, and comes later.
    first = played.calls[0].thread
    return [call for call in played.calls if call.thread == first]


def _chosen(
    known: tuple[str, ...], table: Correspondence, sample: int, where: str
) -> Iterator[str]:
    """Yields some failures that strace can inject, others in each place."""
    possible = [one for one in known if table.injected(one) is not None]
    begin = zlib.crc32(where.encode())
    for n in range(min(sample, len(possible))):
        yield possible[(begin + n * len(possible) // sample) % len(possible)]


def _distinct(calls: list[Call]) -> Iterator[Call]:
    """Yields the first and the last call of each name."""
    names = {call.name: call for call in calls}
    firsts = {call.name: call for call in reversed(calls)}
    yield from dict.fromkeys([*firsts.values(), *names.values()])


def _compare_one(
    compared: Compared,
    contract: Contract,
    begin: tuple[str, ...],
    call: Call,
    failure: str,
    table: Correspondence,
    child: Child,
) -> None:
    """Fails the last of the operations that a call begins with, and the system call behind it."""
    index, name = len(begin) - 1, begin[-1]
    outcome = table.injected(failure)
    assert outcome is not None
    injection = Injection(call.name, outcome, call.number)
    met: tuple[Played, Played] | None = None
    kernels, seams = set[str](), set[str]()
    for _ in range(_TRIES):
        kernel = child.play(
            compared.cell, contract, name, index, failure, traced=True, injection=injection
        )
        seam = child.play(compared.cell, contract, name, index, failure)
        # Whether something has to be waited for differs: both must have met the same operation.
        struck = seam.struck and any(one.injected for one in kernel.calls)
        if struck and kernel.performed[: index + 1] == seam.performed[: index + 1] == begin:
            met = kernel, seam
            kernels.add(kernel.outcome)
            seams.add(seam.outcome)
            if kernels & seams:
                break
    if met is None:
        return
    compared.compared += 1
    if kernels & seams:
        return
    kernel, seam = met
    said = (
        f"{name} (operation {index + 1}), {failure}: the kernel's {injection.option} comes to"
        f" {kernel.outcome} ({kernel.raised}), the seam's to {seam.outcome} ({seam.raised})"
    )
    reasons = [one.why for one in table.differences if one.covers(name, call.name, failure)]
    if reasons:
        compared.explained.append(f"{said}: {reasons[0]}")
    else:
        compared.findings.append(said)


def _try_alone(
    compared: Compared,
    contract: Contract,
    call: Call,
    outcome: str,
    table: Correspondence,
    child: Child,
) -> None:
    injection = Injection(call.name, outcome, call.number)
    kernel = child.play(
        compared.cell, contract, failure=ELSEWHERE.name, traced=True, injection=injection
    )
    if not any(one.injected for one in kernel.calls):
        return
    compared.alone += 1
    for found in kernel.findings:
        said = f"{injection.option} alone: {found} ({kernel.raised})"
        reasons = [
            one.why
            for one in table.tolerated
            if one.call.fullmatch(call.name) and one.finding.fullmatch(found)
        ]
        if reasons:
            compared.explained.append(f"{said}: {reasons[0]}")
        else:
            compared.findings.append(said)
