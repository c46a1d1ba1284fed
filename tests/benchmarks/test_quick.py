"""A quick run works from one end to the other; what it measures is nobody's business here."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from benchmarks.rows import CURVES, ROWS, AgainstNim, Checking

TESTS = Path(__file__).parents[1]


@pytest.mark.timeout(400)  # it compiles with Nim, and runs beside other tests
def test_everything_is_measured_or_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--to", str(tmp_path)]
    done = subprocess.run(command, cwd=TESTS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    told = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert [row["work"] for row in told["rows"]] == [row.work for row in ROWS]
    for row, found in zip(ROWS, told["rows"], strict=True):
        assert f"\n{row.work}" in done.stdout
        assert found["builds"].keys() == row.goals.keys()
        for name, outcome in found["builds"].items():
            left_out = (
                isinstance(row.measured, Checking)
                or (isinstance(row.measured, AgainstNim) and not shutil.which("nim"))
                or name == "compiled"
            )
            assert outcome.get("rounds") or (left_out and outcome["why"]), row.work
    assert [curve["title"] for curve in told["curves"]] == [curve.title for curve in CURVES]
    assert all(len(curve["points"]) == 3 for curve in told["curves"])
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert _Page.left_open(page) == []
    assert page.count("<svg") >= len(ROWS) - 3 + len(CURVES)
    assert not re.search(r"https?:|<script|<link|\ssrc=|@import|url\(", page)


class _Page(HTMLParser):
    """Finds elements that are not closed, or not in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    @classmethod
    def left_open(cls, page: str) -> list[str]:
        parser = cls()
        parser.feed(page)
        return parser.open

    def handle_starttag(self, tag: str, _attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self.open[-1:] == [tag]:
            self.open.pop()
