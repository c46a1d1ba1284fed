"""The pytest plugin of the oracle: which tests are run, a file of results, and a summary.

pytest --oracle-all                  every test, not only those that any run asks about
pytest --oracle-json results.json    what Nim did in each
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from nimnet_gen.testing.oracle.cells import Cell, Run, cells, read_runs
from nimnet_gen.testing.oracle.outcome import Result, noted_in, unasked, written

_RESULTS: Final = pytest.StashKey[dict[Path, list[Result]]]()
"""What came of the tests, by the document that has them."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("oracle", "Nim itself in the scenarios of the specification")
    group.addoption(
        "--oracle-json", type=Path, metavar="FILE", help="write what Nim did to this file"
    )
    group.addoption(
        "--oracle-all",
        action="store_true",
        help="ask Nim about every test, not only about those that any run asks about",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Begin to collect."""
    config.stash[_RESULTS] = {}
    config.pluginmanager.register(_Recorder(config.stash[_RESULTS]))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what not every run asks about."""
    if config.getoption("oracle_all"):
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

    def __init__(self, results: dict[Path, list[Result]]) -> None:
        self._results = results

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take the result of a test of an oracle."""
        noted = noted_in(report) if report.when == "call" else None
        if noted is not None:
            document, result = noted
            self._results.setdefault(document, []).append(result)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Say what Nim did, for each specification, and write it to the file."""
    recorded: list[dict[str, object]] = []
    for document, results in sorted(config.stash[_RESULTS].items()):
        runs = read_runs(document)
        missing = [unasked(cell) for cell in cells(runs) if "inexpressible" in cell.run]
        recorded += map(written, [*results, *missing])
        terminalreporter.section(f"what Nim does: {_shown(document, config.rootpath)}")
        told = results if config.getoption("oracle_all") else []
        partly = sum("dropped" in run for run in runs)
        for line in [*_departures(told), *_unseen(told, runs), *_totals(results, missing, partly)]:
            terminalreporter.line(line)
    file: Path | None = config.getoption("oracle_json")
    if file is not None and recorded:
        file.write_text(json.dumps(recorded, indent=1) + "\n", encoding="utf-8")


def _shown(document: Path, root: Path) -> str:
    return str(document.relative_to(root) if document.is_relative_to(root) else document)


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
