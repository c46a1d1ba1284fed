"""Measures rows and curves: finds the two sides of each, and has them take turns."""

import contextlib
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.builds import Build, NoBuild
from benchmarks.checking import PHASES, Phase, Projects
from benchmarks.nim import Missing, Nim
from benchmarks.processes import Ended
from benchmarks.ratios import Verdict, judge
from benchmarks.results import PEER, Outcome, Point, Unmeasured
from benchmarks.rounds import Effort, Side, alternate
from benchmarks.rows import (
    BUILDS,
    ROWS,
    AgainstNim,
    BuildName,
    Checking,
    Curve,
    Generating,
    Imports,
    InWorkers,
    Row,
)
from benchmarks.samples import Pair
from benchmarks.sides import Workers
from benchmarks.starting import generating, importing

_FAILURES: Final = (Ended, RuntimeError, OSError, subprocess.CalledProcessError)
"""What ends one measurement, and not the run."""
_NOT_HERE: Final = Unmeasured("there is no such build here; the reason stands above")
_PURE_THERE: Final = Unmeasured("this wheel has the library in pure Python")
_CHECKS: Final = 9
_CHECKS_AT_MOST: Final = 27
"""Rounds of mypy: in any case, and where they leave a verdict open."""
_LOOKS: Final = 3
"""Rounds of mypy where nothing is promised."""
_CURVE_ROUNDS: Final = 7


@dataclass
class Measuring:
    """Measures rows and curves.

    Attributes:
        builds: What is measured, or why not.
        workers: Who measures, for each build that there is.
        nim: Nim's own program.
        effort: How much is done for a row.
        folder: For the copies that generator and mypy work on.
    """

    builds: Mapping[BuildName, Build | NoBuild]
    workers: Mapping[BuildName, Workers]
    nim: Nim
    effort: Effort
    folder: Path
    _checked: dict[BuildName, Mapping[Phase, Sequence[Pair]]] = field(default_factory=dict)

    def measure(self, row: Row, name: BuildName) -> Outcome | Unmeasured:
        """Measures one row of one build."""
        build = self.builds["pure" if name == "this" else name]
        if isinstance(build, NoBuild):
            return _NOT_HERE
        if not (build.library or isinstance(row.measured, Checking)):
            return _PURE_THERE
        try:
            return Outcome(row, row.goals[name], self._pairs(row, name, build))
        except Missing as missing:
            return Unmeasured(str(missing))
        except _FAILURES as error:
            return Unmeasured(f"failed: {error}", failed=True)

    def _pairs(self, row: Row, name: BuildName, build: Build) -> Sequence[Pair]:
        """Returns the rounds of one row.

        Raises:
            Missing: What it is compared with is not there.
        """
        goal, measured = row.goals[name], row.measured

        def settled(pairs: Sequence[Pair]) -> bool:
            figures = Outcome(row, goal, pairs).figures(row.by)
            return judge(figures, goal, row.sense) is not Verdict.OPEN

        if isinstance(measured, Checking):
            return self._checks(name, build)[measured.phase]
        if isinstance(measured, Generating):
            ours = generating(self.folder / "generating", cold=measured.cold)
            return alternate(None, ours, self._slow, settled)
        if isinstance(measured, Imports):
            theirs = importing(build.python, measured.theirs)
            return alternate(theirs, importing(build.python, measured.ours), self.effort, settled)
        workers = self.workers["pure" if name == "this" else name]
        if isinstance(measured, AgainstNim):
            ours = workers.side(workers.tasks(InWorkers(measured.work, measured.size))[1])
            return alternate(self.nim.side(measured.size), ours, self.effort, settled)
        their_task, our_task = workers.tasks(measured)
        if row.by == "memory":
            theirs, ours = workers.memory(their_task), workers.memory(our_task)
            return alternate(theirs, ours, self._slow, settled)
        return alternate(workers.side(their_task), workers.side(our_task), self.effort, settled)

    @property
    def _slow(self) -> Effort:
        """How much is done where one round takes seconds."""
        full = self.effort.most > 1
        return replace(self.effort, sittings=1, most=3 if full else 1, rounds=5 if full else 1)

    def _checks(self, name: BuildName, build: Build) -> Mapping[Phase, Sequence[Pair]]:
        """Returns the rounds of mypy, which are measured once for all its rows."""
        if name not in self._checked:
            if self.effort.most == 1:
                raise Missing("only `make bench` does: it takes minutes")
            projects = Projects(build.python, self.folder / f"checking-{name}")
            projects.round()
            found: dict[Phase, list[Pair]] = {phase: [] for phase in PHASES}
            rows = {row.measured.phase: row for row in ROWS if isinstance(row.measured, Checking)}
            wanted = [phase for phase, row in rows.items() if row.goals[name] is not None]
            for count in range(1, _CHECKS_AT_MOST + 1):
                for phase, pair in projects.round().items():
                    found[phase].append(pair)
                if count < (_CHECKS if wanted else _LOOKS):
                    continue
                outcomes = (
                    Outcome(rows[each], rows[each].goals[name], found[each]) for each in wanted
                )
                if all(outcome.verdict is not Verdict.OPEN for outcome in outcomes):
                    break
            self._checked[name] = found
        return self._checked[name]

    def point(
        self, curve: Curve, size: int, points: list[Point], missing: dict[str, Unmeasured]
    ) -> None:
        """Measures one size of a curve, at which all take turns.

        Args:
            curve: Which one.
            size: Which size.
            points: Where it goes.
            missing: Where to say what cannot be measured.
        """
        sides: dict[str, Side] = {}
        for build_name in BUILDS:
            build = self.builds[build_name]
            if isinstance(build, NoBuild) or not build.library:
                missing[build_name] = _NOT_HERE if isinstance(build, NoBuild) else _PURE_THERE
                continue
            workers = self.workers[build_name]
            theirs, ours = workers.tasks(InWorkers(curve.work, size))
            sides.setdefault(PEER, workers.side(theirs))
            sides[build_name] = workers.side(ours)
        if curve.nim:
            try:
                sides["Nim"] = self.nim.side(size)
            except Missing as why:
                missing["Nim"] = Unmeasured(str(why))
        try:
            points.append(Point(size, self._costs(curve, size, sides)))
        except _FAILURES as error:
            missing[f"{size:,}"] = Unmeasured(f"failed: {error}", failed=True)

    def _costs(
        self, curve: Curve, size: int, sides: Mapping[str, Side]
    ) -> Mapping[str, Sequence[float]]:
        units = size if curve.each == "byte" else 1
        costs: dict[str, list[float]] = {name: [] for name in sides}
        with contextlib.ExitStack() as stack:
            ready = {name: stack.enter_context(side()) for name, side in sides.items()}
            for _ in range(_CURVE_ROUNDS if self.effort.most > 1 else 1):
                for name, contender in ready.items():
                    costs[name].append(contender.sample()["cpu"] / units)
        return costs

    def sizes(self, curve: Curve) -> Sequence[int]:
        """Returns the sizes to measure; a quick run has three of them."""
        sizes = curve.sizes
        return sizes if self.effort.most > 1 else (sizes[0], sizes[len(sizes) // 2], sizes[-1])
