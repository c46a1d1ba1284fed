"""A sample of `make faults`: each callable, on each transport, with a few of its failures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from injection.campaign import SAMPLE, Total, run, tasks
from injection.cells import cells
from injection.contracts import contracts
from injection.scenarios import SCENARIOS

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/fd").exists(), reason="the descriptors of a process show in /proc alone"
)


def test_every_callable_has_a_scenario_and_no_other_has() -> None:
    assert {one.callable for one in SCENARIOS} == set(contracts())
    names = [cell.name for cell in cells(SCENARIOS)]
    assert len(names) == len(set(names))


@pytest.mark.timeout(300)
def test_no_failure_below_a_call_breaks_its_contract(tmp_path: Path) -> None:
    declared = contracts()
    todo = tasks(declared, [(one.name, one.scenario.callable) for one in cells(SCENARIOS)])
    workers = os.cpu_count() or 1
    totals = run(todo, workers, SAMPLE, tmp_path / "cells.jsonl", lambda _count: None)
    findings = [finding for total in totals.values() for finding in total.findings]
    assert findings == []
    assert [name for name in declared if not totals.get(name, Total()).tried] == []
