"""From a run of the scenarios to the report: the plugin writes what the report reads."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from nimnet_gen.commands.specification import checked_spec
from nimnet_gen.project.folders import find_project
from nimnet_gen.report.files import read_document

ROOT = Path(__file__).parents[2]
STATEMENT = "close.twice"


def test_a_statement_that_ran_is_reported(tmp_path: Path) -> None:
    results = tmp_path / "matrix.json"
    run = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "-n", "0"),
            *("--statement", STATEMENT, "--conformance-json", results, "generated/conformance"),
        ],
        cwd=ROOT,
        # What it runs is measured where it is tested.
        env={name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    spec, found = checked_spec(find_project(ROOT))
    assert spec is not None, found.render()
    document = read_document(spec, results, None)
    (statement,) = (one for one in document["statements"] if one["id"] == STATEMENT)
    assert {scenario["outcome"] for scenario in statement["scenarios"]} == {"passed"}
    planned = sum(len(scenario["tests"]) for scenario in statement["scenarios"])
    assert document["totals"]["tests"]["passed"] == planned > 0
