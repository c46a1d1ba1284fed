"""The entry of `make mutants`: applies each deliberate fault to the runtime, and runs the suite.

Prints which statements caught each. Exits with 1 if a fault survives, is caught only by a statement
that is not about it, is not noticed by one that is, or does not fit the runtime any more.

    mutants.py [--workers 2] [NAME ...]
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
# Run from source, so the path comes before the imports.
sys.path[:0] = [str(ROOT / "tests")]

from faults.catalogue import all_faults  # noqa: E402  # the path first
from faults.fault import Fault, StaleFaultError  # noqa: E402  # the path first
from faults.trial import BrokenRunError, Catch, run_suite, try_fault  # noqa: E402  # the path first


def main() -> int:
    """Tries the faults that were asked for; returns the exit status."""
    parser = argparse.ArgumentParser(description="does the suite notice a runtime that is wrong?")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("names", nargs="*", metavar="NAME", help="faults to try; all without")
    wanted = parser.parse_args()
    chosen = [fault for fault in all_faults() if not wanted.names or fault.name in wanted.names]
    unknown = set(wanted.names) - {fault.name for fault in chosen}
    if unknown:
        parser.error(f"no such fault: {', '.join(sorted(unknown))}")
    began = time.monotonic()
    statements = sorted({each for fault in chosen for each in fault.about})
    print(f"without a fault: {len(statements)} statements", end=" ", flush=True)
    healthy = run_suite(statements, ROOT / "runtime", wanted.workers)
    if healthy:
        print(f"- fails as it is: {', '.join(map(_noticed, healthy))}")
        return 1
    print("pass")
    escaped = [line for line in _tried(chosen, wanted.workers) if line]
    took = time.monotonic() - began
    print(f"\n{len(chosen)} faults, {len(chosen) - len(escaped)} caught, in {took:.0f} s")
    for line in escaped:
        print(f"ESCAPED: {line}")
    return 1 if escaped else 0


def _tried(faults: list[Fault], workers: int) -> list[str]:
    """Tries the faults; prints each result as it comes, returns what is wrong with each."""
    wrong = []
    with ThreadPoolExecutor(workers) as pool:
        trials = {pool.submit(_try_one, fault): fault for fault in faults}
        for done, trial in enumerate(as_completed(trials), start=1):
            told, escape = trial.result()
            print(f"[{done:2}/{len(faults)}] {trials[trial].name}: {told}", flush=True)
            wrong.append(escape)
    return wrong


def _try_one(fault: Fault) -> tuple[str, str]:
    """Returns what became of a fault, and that again if it should not have."""
    try:
        verdict = try_fault(fault)
    except (StaleFaultError, BrokenRunError) as error:
        return f"NOT TRIED: {error}", f"{fault.name}: not tried"
    if not verdict.catches:
        return "SURVIVED", f"{fault.name}: {fault.wrong} No test noticed."
    told = f"caught by {', '.join(map(_noticed, verdict.catches))}"
    if verdict.deaf == fault.about:
        return f"{told}, WHICH IS NOT ABOUT IT", f"{fault.name}: only {told}"
    if verdict.deaf:
        deaf = ", ".join(verdict.deaf)
        return f"{told}, NOT BY {deaf}", f"{fault.name}: not noticed by {deaf}"
    return told, ""


def _noticed(catch: Catch) -> str:
    where = ", ".join(filter(None, [catch.scenario, catch.cell, "it hung" * catch.hung]))
    return f"{catch.statement} ({where})"


if __name__ == "__main__":
    sys.exit(main())
