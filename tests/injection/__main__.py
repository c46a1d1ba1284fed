"""The entry of `make faults`: has every operation below every callable fail, in every way it can.

Prints how many failures were tried with each callable, and what is wrong with what came of them.
Exits with 1 if anything is, or if nothing was tried with a callable.

    python -m injection [--workers 2] [--sample N] [CALLABLE ...]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Final

from harness.progress import Progress

from injection.allocations import can_fail
from injection.campaign import Total, run, tasks
from injection.contracts import contracts

_RESULTS: Final = Path(__file__).parents[2] / "build" / "faults"
"""A folder for the results: `totals.json`, and `cells.jsonl` with all that was found."""
_SHOWN: Final = 5
"""Findings of a callable that are printed; all are in the file."""


def main() -> int:
    """Tries what was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__.split("\n")[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, help="failures of each scenario (default: all)")
    parser.add_argument("callables", nargs="*", metavar="CALLABLE", help="part of its name")
    options = parser.parse_args()
    declared = contracts()
    # Here and in no other process that tries nothing: it loads the package without the seam.
    from injection.cells import cells
    from injection.scenarios import SCENARIOS

    wanted = {
        name
        for name in declared
        if not options.callables or any(part in name for part in options.callables)
    }
    unknown = sorted({one.callable for one in SCENARIOS} - set(declared))
    known = [(one.name, one.scenario.callable) for one in cells(SCENARIOS)]
    todo = tasks(declared, [one for one in known if one[1] in wanted])
    began = time.monotonic()
    _RESULTS.mkdir(parents=True, exist_ok=True)
    found_by_cell = _RESULTS / "cells.jsonl"
    totals = run(
        todo, options.workers, options.sample, found_by_cell, Progress(len(todo), "scenarios").draw
    )
    took = time.monotonic() - began
    summary = {name: asdict(total) for name, total in totals.items()}
    (_RESULTS / "totals.json").write_text(json.dumps(summary, indent=1), encoding="utf-8")
    wrong = [f"the specification has no {name}" for name in unknown]
    wrong += _printed({name: totals.get(name, Total()) for name in declared if name in wanted})
    injections = sum(total.injections + total.shortages for total in totals.values())
    missed = sum(total.missed for total in totals.values())
    found = sum(len(total.findings) for total in totals.values())
    print(
        f"\n{len(wanted)} callables, {len(todo)} scenarios, {injections} injections,"
        f" {missed} more that met no operation, {found} findings, in {took:.0f} s"
    )
    if not can_fail():
        cause = "this Python has no module _testcapi, or nimnet is compiled"
        print(f"NO ALLOCATION WAS MADE TO FAIL: {cause}")
    for line in wrong:
        print(f"WRONG: {line}")
    return 1 if wrong else 0


def _printed(totals: dict[str, Total]) -> list[str]:
    """Prints a line for each callable; returns what is wrong."""
    wrong = []
    print(
        f"{'injections':>10} {'no memory':>9} {'raised':>7} {'operations':>10} {'scenarios':>9}"
        "  callable"
    )
    for name, total in totals.items():
        print(
            f"{total.injections:10} {total.shortages:9} {total.raised:7} {total.operations:10}"
            f" {total.cells:9}  {name}"
        )
        if not total.tried:
            wrong.append(f"{name}: nothing was tried")
        for finding, count in Counter(total.findings).most_common(_SHOWN):
            wrong.append(f"{finding}" + (f" ({count} times)" if count > 1 else ""))
        if len(total.findings) > _SHOWN:
            wrong.append(
                f"{name}: {len(total.findings)} findings in all, see build/faults/cells.jsonl"
            )
    return wrong


if __name__ == "__main__":
    sys.exit(main())
