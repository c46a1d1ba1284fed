"""What rounds say: the interval of a median, and verdicts."""

from __future__ import annotations

from math import comb

import pytest

from benchmarks.ratios import CONFIDENCE, TOLERANCE, Sense, Verdict, figures, interval, judge
from benchmarks.samples import Pair


@pytest.mark.parametrize("count", [1, 2, 5, 9, 10, 45, 135])
def test_the_interval_is_the_narrowest_that_has_the_confidence(count: int) -> None:
    low, high = interval([*range(count)])
    assert low == count - 1 - high
    outside = [
        2 * sum(comb(count, below) for below in range(int(low) + more)) / 2**count
        for more in (1, 2)
    ]
    assert outside[0] <= 1 - CONFIDENCE or low == 0  # the lowest and the highest have to do
    assert outside[1] > 1 - CONFIDENCE or low == high


@pytest.mark.parametrize(
    ("middle", "sense", "verdict"),
    [
        (1.0, Sense.FASTER, Verdict.REACHED),
        (1 - 0.9 * TOLERANCE, Sense.FASTER, Verdict.REACHED),
        (1 - TOLERANCE, Sense.FASTER, Verdict.OPEN),
        (1 - 1.1 * TOLERANCE, Sense.FASTER, Verdict.MISSED),
        (1.0, Sense.SMALLER, Verdict.REACHED),
        (1 + 0.9 * TOLERANCE, Sense.ALONE, Verdict.REACHED),
        (1 + TOLERANCE, Sense.SMALLER, Verdict.OPEN),
        (1 + 1.1 * TOLERANCE, Sense.SMALLER, Verdict.MISSED),
    ],
)
def test_the_boundary_is_the_goal_with_its_tolerance(
    middle: float, sense: Sense, verdict: Verdict
) -> None:
    around = [middle + step * 1e-4 for step in range(-10, 11)]
    assert judge(around, 1.0, sense) is verdict


def test_rounds_that_differ_much_leave_a_verdict_open() -> None:
    assert judge([0.5, 2.0] * 20, 1.0, Sense.FASTER) is Verdict.OPEN
    assert judge([0.5, 2.0] * 20, None, Sense.FASTER) is Verdict.NONE


@pytest.mark.parametrize(
    ("sense", "figure"), [(Sense.FASTER, 4.0), (Sense.SMALLER, 0.25), (Sense.ALONE, 0.5)]
)
def test_whose_cost_is_divided_by_whose(sense: Sense, figure: float) -> None:
    pair = Pair(0, theirs={"cpu": 2.0}, ours={"cpu": 0.5})
    assert figures([pair], "cpu", sense) == [figure]
