"""The entry of `make system-calls`: has the kernel fail, and compares that with the seam.

Prints how many failures were compared for each callable, and what the two ways disagree on. Exits
with 1 if anything is not explained, or if no system call of a callable has failed that makes some.

    python -m systemcalls [--workers 2] [--sample 2] [CALLABLE ...]
"""

from __future__ import annotations

import argparse
import os
import sys
import time

from systemcalls.campaign import run
from systemcalls.tracer import obstacle


def main() -> int:
    """Compares what was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make system-calls", description=__doc__.split("\n")[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--sample", type=int, default=2, help="failures of each operation")
    parser.add_argument("callables", nargs="*", metavar="CALLABLE", help="part of its name")
    options = parser.parse_args()
    if (found := obstacle()) is not None:
        print(f"NO SYSTEM CALL WAS MADE TO FAIL: {found.reason}")
        return 1
    began = time.monotonic()
    print(f"{'compared':>8} {'alone':>6} {'calls':>6}  scenario")
    explained: list[str] = []
    wrong: list[str] = []
    sums = [0, 0]
    failed: dict[str, bool] = {}
    for one in run(options.workers, options.sample, options.callables):
        print(f"{one.compared:8} {one.alone:6} {one.system_calls:6}  {one.cell}", flush=True)
        sums = [sums[0] + one.compared, sums[1] + one.alone]
        if one.system_calls:
            failed[one.callable] = failed.get(one.callable, False) or one.compared + one.alone > 0
        explained += [f"{one.cell}: {said}" for said in one.explained]
        for said in one.findings:
            print(f"    WRONG: {said}", flush=True)
        wrong += one.findings
    idle = [name for name, any_failed in failed.items() if not any_failed]
    wrong += [f"{name}: none of its system calls has failed" for name in idle]
    for said in wrong[len(wrong) - len(idle) :]:
        print(f"WRONG: {said}")
    took = time.monotonic() - began
    for said in explained:
        print(f"explained: {said}")
    print(
        f"\n{sums[0]} failures compared, {sums[1]} of the kernel alone,"
        f" {len(explained)} differences explained, {len(wrong)} findings, in {took:.0f} s"
    )
    return 1 if wrong or not sums[0] else 0


if __name__ == "__main__":
    sys.exit(main())
