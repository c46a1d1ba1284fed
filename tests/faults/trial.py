"""Trying one fault: a copy of the runtime that is wrong, and the tests that should notice."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from harness.watchdog.controller import MET

from faults.fault import Fault

ROOT: Final = Path(__file__).resolve().parents[2]
_PACKAGE: Final = "nimnet_runtime"
_WATCHDOG: Final = 15
"""Seconds for one test: a fault may well make it wait for ever."""
_LONGEST: Final = 900
"""Seconds for one run of the suite."""
_ALL_PASSED: Final = 0


class BrokenRunError(Exception):
    """The suite could not be run, which says nothing about a fault."""


@dataclass(frozen=True)
class Catch:
    """A test that noticed.

    Attributes:
        statement: The statement that it is about.
        scenario: Which of its scenarios.
        cell: Where it ran.
        hung: Whether it was the watchdog that ended it.
    """

    statement: str
    scenario: str
    cell: str
    hung: bool


@dataclass(frozen=True)
class Verdict:
    """What became of a fault.

    Attributes:
        fault: The fault.
        catches: The first test of each statement that noticed.
    """

    fault: Fault
    catches: tuple[Catch, ...]

    @property
    def deaf(self) -> tuple[str, ...]:
        """The statements that are about the fault, and did not notice."""
        noticed = {catch.statement for catch in self.catches}
        return tuple(each for each in self.fault.about if each not in noticed)


def try_fault(fault: Fault) -> Verdict:
    """Runs the tests of the statements that are about a fault against a runtime with it.

    Only if none of these notices, all others follow, to tell who would have.

    Raises:
        StaleFaultError: The fault does not fit the runtime any more.
        BrokenRunError: The suite could not be run.
    """
    with tempfile.TemporaryDirectory(prefix="nimnet-fault-") as folder:
        package = Path(folder, _PACKAGE)
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "runtime" / _PACKAGE, package, ignore=ignored)
        fault.apply(package)
        catches = run_suite(fault.about, Path(folder)) or run_suite((), Path(folder))
        return Verdict(fault, catches)


def run_suite(statements: Sequence[str], runtime: Path, workers: int = 1) -> tuple[Catch, ...]:
    """Runs the tests of each of `statements` until one fails; without any, all until one fails.

    Args:
        statements: Ids of the specification.
        runtime: The folder with the runtime's package.
        workers: How many processes share the tests.

    Returns:
        The tests that failed, at most one for each statement and process.

    Raises:
        BrokenRunError: There was no result.
    """
    with tempfile.TemporaryDirectory(prefix="nimnet-results-") as folder:
        results = Path(folder, "results.json")
        # The package under test comes first in the path, before the one that is installed.
        path = os.pathsep.join([str(runtime), str(ROOT / "generated"), str(ROOT / "tests")])
        command = [
            *(sys.executable, "-m", "pytest", "--quiet", "--no-header"),
            "--first-failures" if statements else "--exitfirst",
            *("-p", "no:cacheprovider", f"--watchdog={_WATCHDOG}", f"--numprocesses={workers}"),
            *(f"--statement={each}" for each in statements),
            *("--conformance-json", str(results), "generated/conformance"),
        ]
        try:
            done = subprocess.run(
                command,
                cwd=ROOT,
                env={**_unmeasured(), "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=_LONGEST,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise BrokenRunError(f"the suite has not ended after {_LONGEST} seconds") from None
        catches = tuple(_failures(results)) if results.is_file() else ()
        if not catches and done.returncode != _ALL_PASSED:
            raise BrokenRunError(f"pytest ended with {done.returncode}:\n{done.stdout[-4000:]}")
        return catches


def _unmeasured() -> dict[str, str]:
    """Return the environment without coverage: the lines of a wrong runtime are of no interest."""
    return {name: text for name, text in os.environ.items() if not name.startswith("COVERAGE_")}


def _failures(results: Path) -> Iterator[Catch]:
    for test in json.loads(results.read_text(encoding="utf-8"))["results"]:
        if test["outcome"] == "failed":
            buffered = test.get("buffered")  # not there where nothing is given
            kind = [] if buffered is None else ["buffered" if buffered else "unbuffered"]
            cell = [*filter(None, [test["transport"]]), *kind, *test["forms"].values()]
            hung = MET in test["text"]
            yield Catch(test["statement"], test["scenario"], "-".join(cell), hung)
