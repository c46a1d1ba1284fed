"""The results of the oracle: a file of them, and a summary at the end of the run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final, cast

import pytest
from oracle.cells import cells, read_runs
from oracle.compiling import GENERATED
from oracle.outcome import PROPERTY, Result, unasked

_RESULTS: Final = pytest.StashKey[list[Result]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("oracle", "Nim itself in the scenarios of the specification").addoption(
        "--oracle-json", type=Path, metavar="FILE", help="write what Nim did to this file"
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RESULTS] = []
    config.pluginmanager.register(_Recorder(config.stash[_RESULTS]))


class _Recorder:
    """Collects the results of all processes of the run."""

    def __init__(self, results: list[Result]) -> None:
        self._results = results

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self._results += [
                cast(Result, value) for name, value in report.user_properties if name == PROPERTY
            ]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    results = config.stash[_RESULTS]
    if not results:
        return
    runs = read_runs(GENERATED / "scenarios.json")
    missing = [unasked(cell) for cell in cells(runs) if "inexpressible" in cell.run]
    partly = sum("dropped" in run for run in runs)
    file: Path | None = config.getoption("oracle_json", default=None)
    if file is not None:
        text = json.dumps([*results, *missing], indent=1, ensure_ascii=False)
        file.write_text(text + "\n", encoding="utf-8")
    terminalreporter.section("what Nim does")
    for line in _summary(results, missing, partly):
        terminalreporter.line(line)


def _summary(results: Sequence[Result], missing: Sequence[Result], partly: int) -> list[str]:
    """Return the departures, one line for each observation of a scenario, and the numbers."""
    departures = Counter(
        (_label(result), result["observed"], result["outcome"])
        for result in results
        if result["verdict"] == "departs"
    )
    lines = [
        f"{'departs' if outcome == 'passed' else 'UNEXPECTED'} {count:3}x {label}: {observed}"
        for (label, observed, outcome), count in sorted(departures.items())
    ]
    departing = {label for label, _, _ in departures}
    asked = {_label(result) for result in results}
    reasons = Counter({_label(r): r["why"] for r in missing if _label(r) not in asked}.values())
    counted = Counter(result["verdict"] for result in results)
    return [
        *lines,
        f"tests: {counted['agrees']} agree, {counted['departs']} depart, "
        f"{len(missing)} cannot be expressed in Nim",
        f"scenarios: {len(asked)} expressible ({partly} of their forms in part), "
        f"{len(asked - departing)} agree, {len(departing)} depart, "
        f"{reasons.total()} cannot be expressed:",
        *(f"  {count:4} {why}" for why, count in reasons.most_common()),
    ]


def _label(result: Result) -> str:
    return ", ".join(filter(None, (result["statement"], result["scenario"])))
