"""Nim itself in every scenario that it can express: it does what the specification says of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from oracle.cells import Cell, cells, read_runs
from oracle.compiling import GENERATED, compiled
from oracle.conversation import observed
from oracle.outcome import Outcome, is_expected, judged, may_be_load, noted

pytestmark = pytest.mark.timeout(60)

RUNS = read_runs(GENERATED / "scenarios.jsonl")
CELLS = [cell for cell in cells(RUNS) if "inexpressible" not in cell.run]


@pytest.fixture(scope="session")
def program() -> Path:
    """The program with all scenarios."""
    return compiled()


@pytest.mark.parametrize("cell", CELLS, ids=[cell.name for cell in CELLS])
def test_nim(cell: Cell, program: Path, request: pytest.FixtureRequest) -> None:
    seen = observed(program, cell)
    if not is_expected(cell, seen.words) and may_be_load(seen.words):
        seen = observed(program, cell, leisure=2.5)
    outcome: Outcome = judged(cell, seen)
    noted(request.node, outcome)
    if outcome.complaint:
        pytest.fail(outcome.complaint, pytrace=False)
