"""What many rounds say: the ratio of the two sides, how far it spreads, and whether it is enough.

Times are never compared with those of another moment. Each round gives one ratio, of two blocks
next to each other; what is told is the median of all, with its quartiles.

The verdict is one comparison, of the median with the goal less a tolerance. The tolerance is what
one program differs by from process to process, for example by where its memory lies: the first row
of the table shows it, whose two sides are one and the same. As long as the interval in which the
true median lies has that boundary inside, there is no verdict yet, and rounds go on; what is still
open after the last of them is called so.
"""

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import comb
from typing import Final

from benchmarks.samples import Metric, Pair

TOLERANCE: Final = 0.03
"""The part of a goal by which a median may fall short of it."""
CONFIDENCE: Final = 0.99
"""How often the interval has the true median in it, where rounds do not depend on each other."""


class Sense(StrEnum):
    """What the figure of a row is, and on which side of its goal it should be."""

    FASTER = "at least"
    """Their cost, divided by ours."""
    SMALLER = "at most"
    """Our cost, divided by theirs."""
    ALONE = "at most, in seconds"
    """Our cost, which is compared with nothing."""


class Verdict(StrEnum):
    """What is said of a goal."""

    REACHED = "reached"
    MISSED = "missed"
    OPEN = "open"
    """The rounds do not say which."""
    NONE = "no goal"


@dataclass(frozen=True)
class Spread:
    """The middle of some figures: their quartiles."""

    low: float
    median: float
    high: float


def figures(pairs: Sequence[Pair], metric: Metric, sense: Sense) -> list[float]:
    """Returns the figure of each round."""
    figure: Callable[[Pair], float] = {
        Sense.FASTER: lambda pair: pair.theirs[metric] / pair.ours[metric],
        Sense.SMALLER: lambda pair: pair.ours[metric] / pair.theirs[metric],
        Sense.ALONE: lambda pair: pair.ours[metric],
    }[sense]
    return [figure(pair) for pair in pairs]


def spread(values: Sequence[float]) -> Spread:
    """Returns the quartiles of figures; of a single one, that."""
    if len(values) == 1:
        return Spread(values[0], values[0], values[0])
    return Spread(*statistics.quantiles(values, n=4, method="inclusive"))


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Returns between which figures the true median lies, whatever their distribution is.

    Half of all figures to come are below the true median, so that the number of those below it is
    binomial. Few figures do not allow for the confidence: then it is the lowest and the highest.
    """
    ordered, count = sorted(values), len(values)
    rank, below = 0, 0.0
    while rank < (count - 1) // 2:
        below += comb(count, rank) / 2**count
        if 2 * below > 1 - CONFIDENCE:
            break
        rank += 1
    rank = max(0, rank - 1)
    return ordered[rank], ordered[count - 1 - rank]


def judge(values: Sequence[float], goal: float | None, sense: Sense) -> Verdict:
    """Returns what the figures say of a goal."""
    if goal is None:
        return Verdict.NONE
    low, high = interval(values)
    if sense is Sense.FASTER:
        boundary = goal * (1 - TOLERANCE)
        if boundary <= low:
            return Verdict.REACHED
        return Verdict.MISSED if high < boundary else Verdict.OPEN
    boundary = goal * (1 + TOLERANCE)
    if high <= boundary:
        return Verdict.REACHED
    return Verdict.MISSED if boundary < low else Verdict.OPEN
