"""A callable on a transport, in one scenario: all the failures that can be tried with it."""

from __future__ import annotations

import time
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Final

from injection.allocations import can_fail, shortages
from injection.contracts import Contract
from injection.failures import Failure
from injection.scenarios.registry import Scenario
from injection.seam import Plan, Seam
from injection.trial import Outcome, Trial

SHOWN: Final = 12
"""Findings of a cell that are kept with all their words."""


@dataclass(frozen=True)
class Cell:
    """One scenario on one transport, buffered or not."""

    scenario: Scenario
    transport: str
    buffered: bool

    @property
    def name(self) -> str:
        """Its name, which is its alone."""
        parts = [self.scenario.callable, self.scenario.name, self.transport]
        return " | ".join(parts) + ("" if self.buffered else " | unbuffered")


def cells(scenarios: list[Scenario]) -> list[Cell]:
    """Returns the cells of scenarios, in their order."""
    return [
        Cell(one, transport, buffered)
        for one in scenarios
        for transport in one.transports
        for buffered in one.buffered
    ]


@dataclass
class Tried:
    """What trying a cell has shown.

    Attributes:
        cell: Its name.
        callable: The callable.
        operations: How many operations the call performs.
        names: Their names.
        injections: How often one was made to fail.
        shortages: How often an allocation was to fail, if the call made so many.
        missed: How often the one that was to fail was not performed.
        raised: How many calls of these raised.
        findings: What is wrong: which failure, and what came of it.
        seconds: How long all of it has taken.
    """

    cell: str
    callable: str
    operations: int = 0
    names: list[str] = field(default_factory=list)
    injections: int = 0
    shortages: int = 0
    missed: int = 0
    raised: int = 0
    findings: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, object]:
        """Returns it as JSON has it."""
        return asdict(self)


def try_cell(cell: Cell, contract: Contract, trial: Trial, seam: Seam, sample: int | None) -> Tried:
    """Tries all failures of a cell, or with `sample` so many of them.

    Args:
        cell: The scenario, and where it runs.
        contract: What the callable declares.
        trial: Runs it.
        seam: What it runs on.
        sample: How many failures to try; None for all.
    """
    tried = Tried(cell.name, cell.scenario.callable)
    began = time.monotonic()

    def run(plan: Plan | None) -> Outcome:
        return trial.run(cell.scenario, contract, cell.transport, cell.buffered, plan)

    whole = run(None)
    tried.operations = len(whole.performed)
    tried.names = whole.performed
    tried.findings += [f"as it is: {one}" for one in whole.findings]
    if unlisted := sorted(whole.unlisted):
        tried.findings.append(f"failures.yaml does not list {', '.join(unlisted)}")
    if whole.findings:
        return tried
    for number, name, failure, lasting in chosen(cell, whole.performed, seam, sample):
        outcome = run(Plan(number, name, failure, lasting=lasting))
        if not outcome.struck:
            tried.missed += 1
            continue
        tried.injections += 1
        tried.raised += bool(outcome.raised)
        often = "for good" if lasting else "once"
        tried.findings += [
            f"{name} (operation {number + 1} of {len(whole.performed)}): {failure.name}, {often}:"
            f" {finding}"
            for finding in outcome.findings
        ]
    # A thread that dies of it before its first line leaves whoever waits for its answer.
    alone = "start_new_thread" not in whole.performed
    if can_fail() and alone and (sample is None or not tried.injections):
        _try_without_memory(cell, contract, trial, tried, sample)
    tried.findings += [f"afterwards: {one}" for one in run(None).findings]
    tried.seconds = time.monotonic() - began
    return tried


def _try_without_memory(
    cell: Cell, contract: Contract, trial: Trial, tried: Tried, sample: int | None
) -> None:
    """Tries a cell while allocations fail; with `sample`, so many times."""
    noticed: list[bool] = []
    for number, shortage in islice(shortages(lambda: noticed[-1]), sample):
        outcome = trial.run(
            cell.scenario, contract, cell.transport, cell.buffered, shortage=shortage
        )
        noticed.append(bool(outcome.raised))
        tried.shortages += 1
        tried.raised += noticed[-1]
        tried.findings += [f"allocation {number} fails: {finding}" for finding in outcome.findings]


def chosen(
    cell: Cell, performed: list[str], seam: Seam, sample: int | None
) -> Iterator[tuple[int, str, Failure, bool]]:
    """Yields which operation fails, how, and whether for good."""
    everything = [
        (number, name, failure, lasting)
        for number, name in enumerate(performed)
        for failure in seam.table.failures(name, cell.transport)
        for lasting in (False, True)
        if not (lasting and failure.then)
    ]
    if sample is None or sample >= len(everything):
        yield from everything
        return
    # Spread evenly, and from another place in each cell.
    begin = zlib.crc32(cell.name.encode()) % len(everything)
    for n in range(sample):
        yield everything[(begin + n * len(everything) // sample) % len(everything)]
