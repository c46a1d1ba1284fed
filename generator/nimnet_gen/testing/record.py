"""What came of the scenarios, written to a file: `nimnet-gen report` makes a page of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from nimnet_gen.testing.cells import cell_of, folder_of
from nimnet_gen.testing.explanation import SECTION
from nimnet_gen.testing.sentences import sentences


class Record:
    """What came of the scenarios, in the order of their first report."""

    def __init__(self, root: Path, file: Path) -> None:
        """Begin a record of the scenarios below a folder, for a file."""
        self._root = root
        self._file = file
        self._results: dict[str, dict[str, object]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Add what a phase of a test gave."""
        cell = cell_of(report)
        if cell is None:
            return
        sentence = sentences(folder_of(report, self._root)).get(str(cell["statement"]))
        begun: dict[str, object] = {
            "test": report.nodeid,
            "place": None if sentence is None else sentence.place,
            **cell,
            "outcome": "passed",
            "seconds": 0.0,
        }
        result = self._results.setdefault(report.nodeid, begun)
        seconds = result["seconds"]
        assert isinstance(seconds, float)
        result["seconds"] = seconds + report.duration
        if report.failed:
            result["outcome"] = "failed"
            shown = [report.longreprtext]
            shown += [text for title, text in report.sections if title == SECTION]
            result["text"] = "\n\n".join(shown)
        elif report.skipped and result["outcome"] == "passed":
            result["outcome"] = "skipped"
            result["text"] = _reason(report)

    def pytest_sessionfinish(self) -> None:
        """Write the file."""
        text = json.dumps({"results": list(self._results.values())}, indent=1)
        self._file.write_text(text + "\n", encoding="utf-8")


def _reason(report: pytest.TestReport) -> str:
    told = report.longrepr
    return told[2] if isinstance(told, tuple) else str(told)
