"""The entry of `make misuse`: calls everything with what it must refuse, and where it cannot work.

Prints how many calls were made of each form, and what is wrong with what came of them. Exits with 1
if anything is.

    python -m misuse [--workers 2] [--quick] [CALLABLE ...]
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
import time

from misuse.campaign import share


def main() -> int:
    """Makes the calls that were asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make misuse", description=__doc__.split("\n")[0])
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--quick", action="store_true", help="as `make test` does it")
    parser.add_argument("callables", nargs="*", metavar="CALLABLE", help="part of its name")
    options = parser.parse_args()
    began = time.monotonic()
    lock = threading.Lock()
    sums = {"forms": 0, "arguments": 0, "states": 0, "refused": 0}
    wrong: list[str] = []
    print(f"{'arguments':>9} {'states':>6} {'refused':>7}  callable")

    def take(number: int) -> None:
        for tried in share(
            number, options.workers, whole=not options.quick, wanted=options.callables
        ):
            findings = tried["findings"]
            assert isinstance(findings, list)
            with lock:
                sums["forms"] += 1
                for name in ("arguments", "states", "refused"):
                    count = tried[name]
                    assert isinstance(count, int)
                    sums[name] += count
                wrong.extend(f"{tried['label']}: {found}" for found in findings)
                print(
                    f"{tried['arguments']:9} {tried['states']:6} {tried['refused']:7}"
                    f"  {tried['label']}",
                    *(f"    WRONG: {found}" for found in findings),
                    sep="\n",
                    flush=True,
                )

    threads = [threading.Thread(target=take, args=(n,)) for n in range(options.workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    print(
        f"\n{sums['forms']} forms, {sums['arguments']} calls with odd arguments and"
        f" {sums['states']} in states of their own, {sums['refused']} refused,"
        f" {len(wrong)} findings, in {took:.0f} s"
    )
    return 1 if wrong or not sums["forms"] else 0


if __name__ == "__main__":
    sys.exit(main())
