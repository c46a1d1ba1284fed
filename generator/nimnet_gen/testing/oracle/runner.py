"""The oracle of one project: its runs, its program, and the judgement on each."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import NoReturn

import pytest

from nimnet_gen.project.folders import find_project
from nimnet_gen.testing.oracle.cells import Cell, Run, cells, read_runs
from nimnet_gen.testing.oracle.compiling import NoCompilerError, Sources
from nimnet_gen.testing.oracle.conversation import observed
from nimnet_gen.testing.oracle.outcome import is_expected, judged, may_be_load, noted
from nimnet_gen.testing.oracle.peers import NoPeer, Peer
from nimnet_gen.testing.sentences import sentences

_SLOWLY = 10
"""By what factor a second look is slower to conclude that a program waits."""


def _nobody(_cell: Cell) -> Peer:
    return NoPeer()


def _skip(reason: str) -> NoReturn:
    pytest.skip(reason)


@dataclass(frozen=True)
class Oracle:
    """The oracle of a project.

    Attributes:
        root: The project's folder, with the `pyproject.toml` that has its configuration.
        support: Where the project's own modules in Nim are.
        flags: What the compiler is told besides.
        peer: Makes the other end of a scenario.
        numbers: The modules that have the system's numbers by their names.
        is_basic: Whether every test run asks Nim about a test, not only one with `--oracle-all`.
        missing: What is done where no compiler is installed; it skips the test, or fails it.
    """

    root: Path
    support: Path
    flags: Sequence[str] = ()
    peer: Callable[[Cell], Peer] = _nobody
    numbers: Sequence[object] = (errno,)
    is_basic: Callable[[Cell], bool] = lambda _cell: True
    missing: Callable[[str], NoReturn] = _skip

    @cached_property
    def sources(self) -> Sources:
        """What the program is made of."""
        project = find_project(self.root)
        build = project.root / "build" / "oracle"
        generated = project.root / project.output / "oracle"
        return Sources(generated, self.support, build, self.flags)

    @property
    def document(self) -> Path:
        """The generated document about all scenarios."""
        return self.sources.generated / "scenarios.jsonl"

    @cached_property
    def runs(self) -> Sequence[Run]:
        """Every scenario in every combination of forms; none where the oracle is switched off."""
        return read_runs(self.document) if self.document.is_file() else ()

    @cached_property
    def cells(self) -> Sequence[Cell]:
        """The tests: what Nim can express, in every place that it has."""
        return [
            replace(cell, is_basic=self.is_basic(cell))
            for cell in cells(self.runs)
            if "inexpressible" not in cell.run
        ]

    def judge(self, cell: Cell, node: pytest.Item) -> None:
        """Ask Nim, and fail the test if it does not do what the specification says of it.

        Args:
            cell: The test.
            node: What pytest runs, whose report gets the result.
        """
        try:
            program = self.sources.compiled()
        except NoCompilerError as error:
            self.missing(str(error))
        seen = observed(program, cell, self.peer(cell), self.numbers)
        if not is_expected(cell, seen.words) and may_be_load(seen.words):
            seen = observed(program, cell, self.peer(cell), self.numbers, leisure=_SLOWLY)
        outcome = judged(cell, seen, sentences(self.root))
        noted(node, outcome, self.document)
        if outcome.complaint:
            pytest.fail(outcome.complaint, pytrace=False)
