"""The results of the oracle: a file of them, and a summary at the end of the run."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

import pytest
from oracle.cells import Cell, Run, cells, read_runs
from oracle.compiling import GENERATED
from oracle.outcome import PROPERTY, Result, unasked

_RESULTS: Final = pytest.StashKey[list[Result]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("oracle", "Nim itself in the scenarios of the specification")
    group.addoption(
        "--oracle-json", type=Path, metavar="FILE", help="write what Nim did to this file"
    )
    group.addoption(
        "--oracle-all",
        action="store_true",
        help="ask Nim on every transport, not on buffered TCP and UDP sockets alone",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_RESULTS] = []
    config.pluginmanager.register(_Recorder(config.stash[_RESULTS]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("oracle_all", default=False):
        return
    left_out = [item for item in items if not _is_sampled(item)]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if _is_sampled(item)]


def _is_sampled(item: pytest.Item) -> bool:
    """Tell whether an item is in what every test run asks of Nim; other tests all are."""
    callspec = getattr(item, "callspec", None)
    cell = None if callspec is None else callspec.params.get("cell")
    return not isinstance(cell, Cell) or cell.is_basic


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
    runs = read_runs(GENERATED / "scenarios.jsonl")
    missing = [unasked(cell) for cell in cells(runs) if "inexpressible" in cell.run]
    partly = sum("dropped" in run for run in runs)
    file: Path | None = config.getoption("oracle_json", default=None)
    if file is not None:
        text = json.dumps([*results, *missing], indent=1)
        file.write_text(text + "\n", encoding="utf-8")
    terminalreporter.section("what Nim does")
    told = results if config.getoption("oracle_all") else []
    for line in [*_departures(told), *_unseen(told, runs), *_totals(results, missing, partly)]:
        terminalreporter.line(line)


def _departures(results: Sequence[Result]) -> list[str]:
    """Return the departures, one line for each observation of a scenario."""
    departures = Counter(
        (_label(result), result["observed"], result["outcome"])
        for result in results
        if result["verdict"] == "departs"
    )
    return [
        f"{'departs' if outcome == 'passed' else 'UNEXPECTED'} {count:3}x {label}: {observed}"
        for (label, observed, outcome), count in sorted(departures.items())
    ]


def _unseen(results: Sequence[Result], runs: Sequence[Run]) -> Iterator[str]:
    """Yield what is said to be so sometimes, and was so in no test of this run."""
    seen = {(_label(result), result["observed"]) for result in results}
    asked = {label for label, _ in seen}
    possible = {
        (label, verdict["observed"])
        for run in runs
        for verdict in run.get("nim", ())
        if verdict.get("sometimes") and (label := _label(run)) in asked
    }
    for label, observed in sorted(possible - seen):
        yield f"not this time     {label}: {observed}"


def _totals(results: Sequence[Result], missing: Sequence[Result], partly: int) -> list[str]:
    """Return how many there are of each kind."""
    departing = {_label(result) for result in results if result["verdict"] == "departs"}
    asked = {_label(result) for result in results}
    reasons = Counter({_label(r): r["why"] for r in missing if _label(r) not in asked}.values())
    counted = Counter(result["verdict"] for result in results)
    return [
        f"tests: {counted['agrees']} agree, {counted['departs']} depart, "
        f"{len(missing)} cannot be expressed in Nim",
        f"scenarios: {len(asked)} expressible ({partly} of their forms in part), "
        f"{len(asked - departing)} agree, {len(departing)} depart, "
        f"{reasons.total()} cannot be expressed:",
        *(f"  {count:4} {why}" for why, count in reasons.most_common()),
    ]


def _label(result: Result | Run) -> str:
    return ", ".join(filter(None, (result["statement"], result["scenario"])))
