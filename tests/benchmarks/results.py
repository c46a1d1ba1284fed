"""What was measured of each row and build, and what that says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.ratios import Spread, Verdict, figures, interval, judge, spread
from benchmarks.rows import BuildName, Curve, Row
from benchmarks.samples import Metric, Pair


@dataclass(frozen=True)
class Outcome:
    """The rounds of one row and build.

    Attributes:
        row: The row.
        goal: What is wanted.
        pairs: All rounds.
    """

    row: Row
    goal: float | None
    pairs: Sequence[Pair]

    @property
    def metrics(self) -> tuple[Metric, ...]:
        """What was measured, always in the same order."""
        return tuple(sorted(self.pairs[0].ours))

    def figures(self, metric: Metric) -> list[float]:
        """Returns the figure of each round."""
        return figures(self.pairs, metric, self.row.sense)

    def spread(self, metric: Metric) -> Spread:
        """Returns the middle of the figures."""
        return spread(self.figures(metric))

    def interval(self) -> tuple[float, float]:
        """Returns where the true median lies of what the goal is about."""
        return interval(self.figures(self.row.by))

    @property
    def verdict(self) -> Verdict:
        """What the rounds say of the goal."""
        return judge(self.figures(self.row.by), self.goal, self.row.sense)

    def cost(self, *, ours: bool) -> float:
        """Returns what one operation cost one side, in what the goal is about."""
        sides = [pair.ours if ours else pair.theirs for pair in self.pairs]
        return spread([side[self.row.by] for side in sides]).median


@dataclass(frozen=True)
class Unmeasured:
    """A row and build without figures.

    Attributes:
        why: The reason, in words.
        failed: Whether it should have been measured.
    """

    why: str
    failed: bool = False


@dataclass(frozen=True)
class Measured:
    """A row, and what came of it for each build."""

    row: Row
    outcomes: Mapping[BuildName, Outcome | Unmeasured]


@dataclass(frozen=True)
class Point:
    """One size of a curve: the cost of a unit in each round, by the name of what was measured."""

    size: int
    costs: Mapping[str, Sequence[float]]


PEER: Final = "peer"
"""What the other side is called in a curve; nimnet's builds and Nim have their own names."""
STEEP: Final = 1.5
"""By how much the cost of a unit has to grow from one size to the next, and how much more than the
peer's, to be a cliff."""


@dataclass(frozen=True)
class Step:
    """Where the cost of a unit grows most from one size to the next, as compared with the peer's.

    Attributes:
        size: The size after the step.
        growth: How many times as much a unit costs after it.
        theirs: The same of the peer.
    """

    size: int
    growth: float
    theirs: float

    @property
    def is_cliff(self) -> bool:
        """Whether that is a cliff: it grows, and much more than it does for the peer."""
        return self.growth > STEEP and self.growth > STEEP * self.theirs


@dataclass(frozen=True)
class Plotted:
    """A curve, with what came of it.

    Attributes:
        curve: What was measured.
        points: The sizes, in their order.
        missing: Of what there are no points, and why.
    """

    curve: Curve
    points: Sequence[Point]
    missing: Mapping[str, Unmeasured]

    @property
    def names(self) -> Sequence[str]:
        """What was measured, the peer first."""
        return list(self.points[0].costs) if self.points else []

    def worst(self, name: str) -> Step | None:
        """Returns the worst step, or None for a curve of one point."""
        steps = []
        for before, after in zip(self.points, self.points[1:], strict=False):
            growth, theirs = (
                spread(after.costs[each]).median / spread(before.costs[each]).median
                for each in (name, PEER)
            )
            steps.append(Step(after.size, growth, theirs))
        return max(steps, key=lambda step: step.growth / max(1.0, step.theirs), default=None)


@dataclass(frozen=True)
class Results:
    """All of a run.

    Attributes:
        facts: What was measured with what: names and versions.
        rows: The table.
        curves: What is beside it.
    """

    facts: Mapping[str, str]
    rows: Sequence[Measured]
    curves: Sequence[Plotted]

    @property
    def failures(self) -> int:
        """How many figures there should be that are not."""
        outcomes = [each for row in self.rows for each in row.outcomes.values()]
        missing = [each for curve in self.curves for each in curve.missing.values()]
        return sum(isinstance(each, Unmeasured) and each.failed for each in [*outcomes, *missing])
