"""The tests of the oracle: every run of the generated document, in every place that it has."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import TypeAlias, TypedDict, cast

Json: TypeAlias = "str | int | float | bool | Sequence[Json] | Mapping[str, Json] | None"
Kind: TypeAlias = "bool | str"
"""What a variant of the stage is in one test: whether it holds, or its word."""


class Verdict(TypedDict, total=False):
    """What the specification says of the original; a key that is missing means all."""

    observed: str
    why: str
    sometimes: bool
    transports: Sequence[str]
    variants: Mapping[str, Kind]
    forms: Sequence[str]


class Run(TypedDict, total=False):
    """A scenario in one combination of forms, as the generator writes it."""

    statement: str
    scenario: str
    forms: Sequence[str]
    given: str
    transports: Sequence[str]
    variants: Mapping[str, Sequence[Kind]]
    inexpressible: str
    proc: str
    script: Sequence[Mapping[str, Json]]
    settings: Mapping[str, str]
    patience: Sequence[int]
    dropped: Sequence[str]
    nim: Sequence[Verdict]


@dataclass(frozen=True)
class Cell:
    """One test.

    Attributes:
        run: The run.
        transport: Its transport; None where nothing is given.
        variants: What each variant of the stage is; none where nothing is given.
        is_basic: Whether every test run asks Nim about it, not only one with `--oracle-all`.
    """

    run: Run
    transport: str | None = None
    variants: Mapping[str, Kind] = field(default_factory=dict)
    is_basic: bool = True

    def __str__(self) -> str:
        """Return what the test is called."""
        named = [self.run["statement"], self.run["scenario"].replace(" ", "-")]
        return "-".join(filter(None, [*named, *self.run["forms"], *self.place]))

    @property
    def place(self) -> list[str]:
        """Where it runs, in words: the transport, and the variants."""
        words = [variant_label(name, kind) for name, kind in self.variants.items()]
        return words if self.transport is None else [self.transport, *words]

    def verdicts(self) -> list[Verdict]:
        """Return what the specification says that Nim does here, if it is not what it must."""
        return list(filter(self._is_meant, self.run.get("nim", ())))

    def _is_meant(self, verdict: Verdict) -> bool:
        forms = verdict.get("forms")
        stated = verdict.get("variants", {})
        return (
            self.transport in verdict.get("transports", (self.transport,))
            and all(self.variants.get(name) == kind for name, kind in stated.items())
            and (forms is None or not set(forms).isdisjoint(self.run["forms"]))
        )

    def patience(self, step: int) -> int:
        """Return for how many milliseconds a step may rest by what it was told."""
        patience = self.run["patience"]
        return patience[step - 1] if 0 < step <= len(patience) else 0


def variant_label(name: str, kind: Kind) -> str:
    """Return what a variant is, in a word: `buffered`, `unbuffered`, or its own word."""
    if isinstance(kind, str):
        return kind
    return name if kind else f"un{name}"


def read_runs(path: Path) -> list[Run]:
    """Return the runs of the generated document."""
    _, *lines = path.read_text(encoding="utf-8").splitlines()  # the first has the header
    return [cast(Run, json.loads(line)) for line in lines]


def cells(runs: Sequence[Run]) -> Iterator[Cell]:
    """Yield a cell for each combination of a run with a transport and with the variants."""
    for run in runs:
        if run["given"] == "nothing":
            yield Cell(run)
            continue
        names = list(run["variants"])
        transports: Sequence[str | None] = run["transports"] or [None]
        for transport in transports:
            for kinds in product(*run["variants"].values()):
                yield Cell(run, transport, dict(zip(names, kinds, strict=True)))
