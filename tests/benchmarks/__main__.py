"""The entry of `make bench`: measures nimnet against what a user would use instead.

Prints a table with a goal and a verdict for each row and build; `results.json` has every round, and
`index.html` the table with plots. No time is a failure: only what could not be measured, and should
have been, makes it exit with 1.

    python -m benchmarks [--quick] [--to FOLDER] [WORD ...]
"""

from __future__ import annotations

import argparse
import os
import platform
import ssl
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from harness.progress import Progress
from OpenSSL import SSL

from benchmarks import builds
from benchmarks.builds import ROOT, Build, NoBuild, from_root
from benchmarks.measuring import Measuring
from benchmarks.nim import Nim
from benchmarks.reports import document, page, terminal
from benchmarks.results import Measured, Outcome, Plotted, Point, Results, Unmeasured
from benchmarks.rounds import FULL, QUICK
from benchmarks.rows import CURVES, ROWS, BuildName, Curve, Row
from benchmarks.sides import Workers, peer

_RESULTS: Final = ROOT / "build" / "bench"
_IDLE: Final = 0.7
"""More than that is the work of others."""


def main() -> int:
    """Measures what was asked for; returns the exit status."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="in less than a minute: few rounds")
    parser.add_argument("--to", type=Path, default=_RESULTS, help="the folder of the results")
    parser.add_argument("words", nargs="*", metavar="WORD", help="rows that have one in their name")
    options = parser.parse_args()
    rows = [row for row in ROWS if _wanted(f"{row.work} / {row.against}", options.words)]
    curves = [each for each in CURVES if _wanted(f"{each.title}, by {each.size}", options.words)]
    if not rows and not curves:
        parser.error(f"no row or curve has any of these in its name: {' '.join(options.words)}")
    began = time.monotonic()
    options.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, peer() as other:
        effort = QUICK if options.quick else FULL
        kept = options.to.absolute() / "wheels"
        found: dict[BuildName, Build | NoBuild] = {
            "pure": builds.pure(kept, Path(folder)),
            "compiled": builds.compiled(kept, Path(folder), make=not options.quick),
        }
        workers = {
            name: Workers(build.python, other, effort.block)
            for name, build in found.items()
            if isinstance(build, Build)
        }
        nim = Nim(options.to.absolute() / "nim", other, effort.block)
        measuring = Measuring(found, workers, nim, effort, Path(folder))
        results = _measured(measuring, _facts(found), rows, curves)
    (options.to / "results.json").write_text(document.text(results), encoding="utf-8")
    (options.to / "index.html").write_text(page.text(results), encoding="utf-8")
    _print(terminal.ending(results, time.monotonic() - began))
    told = from_root(options.to)
    print(f"every round: {told / 'results.json'}; plots: {told / 'index.html'}")
    return 1 if results.failures else 0


def _wanted(name: str, words: Sequence[str]) -> bool:
    return not words or any(word.lower() in name.lower() for word in words)


def _facts(found: Mapping[BuildName, Build | NoBuild]) -> Mapping[str, str]:
    """Returns what is measured with what, and in whose company."""
    load, processors = os.getloadavg()[0], os.cpu_count() or 1
    facts = {
        "Python": f"{platform.python_version()} on {platform.system()} {platform.machine()}",
        "OpenSSL": f"{ssl.OPENSSL_VERSION} in ssl,"
        f" {SSL.OpenSSL_version(SSL.OPENSSL_VERSION).decode()} in nimnet",
        "machine": f"{processors} processors, load {load:.1f}"
        + ("; IT IS NOT IDLE" if load > _IDLE else ""),
    }
    for name, build in found.items():
        if isinstance(build, NoBuild):
            facts[name] = f"not measured: {build.why}"
    return facts


def _measured(
    measuring: Measuring, facts: Mapping[str, str], rows: Sequence[Row], curves: Sequence[Curve]
) -> Results:
    """Measures all, and prints each row when it is known."""
    whole = sum(len(row.goals) for row in rows)
    whole += sum(len(measuring.sizes(each)) for each in curves)
    bar, count = Progress(whole, "measured"), 0
    _print(terminal.heading(facts))
    table = []
    for row in rows:
        outcomes: dict[BuildName, Outcome | Unmeasured] = {}
        for name in row.goals:
            bar.draw(count, f"{row.work}, {name}")
            outcomes[name] = measuring.measure(row, name)
            count += 1
        table.append(measured := Measured(row, outcomes))
        bar.clear()
        _print(terminal.row(measured))
    plotted = []
    for curve in curves:
        points: list[Point] = []
        missing: dict[str, Unmeasured] = {}
        for size in measuring.sizes(curve):
            bar.draw(count, f"{curve.title}, {size:,} {curve.size}")
            measuring.point(curve, size, points, missing)
            count += 1
        plotted.append(found := Plotted(curve, points, missing))
        bar.clear()
        _print(terminal.curve(found))
    return Results(facts, table, plotted)


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
