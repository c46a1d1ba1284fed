"""The JSON of a run: every round, so that whoever doubts a figure can make his own.

facts    what was measured with what
rows     of each row its names, what its goal is about, and for each build its goal, the median
         with its quartiles, the interval of the median, the verdict and all rounds; or why not.
         A round has the number of its sitting, and what one operation cost each side: seconds
         of CPU time and by the clock, or bytes
curves   of each curve its sizes; at each, the CPU seconds of a unit in each round
"""

import json
from dataclasses import asdict
from typing import Final

from benchmarks.results import Measured, Outcome, Plotted, Results, Unmeasured

FORMAT: Final = 1
"""Goes up when what stands above changes."""


def text(results: Results) -> str:
    """Returns the document."""
    document = {
        "format": FORMAT,
        "facts": dict(results.facts),
        "rows": [_row(each) for each in results.rows],
        "curves": [_curve(each) for each in results.curves],
    }
    return json.dumps(document, indent=1) + "\n"


def _row(measured: Measured) -> dict[str, object]:
    row = measured.row
    return {
        "work": row.work,
        "against": row.against,
        "by": row.by,
        "sense": row.sense,
        "builds": {name: _outcome(each) for name, each in measured.outcomes.items()},
    }


def _outcome(outcome: Outcome | Unmeasured) -> dict[str, object]:
    if isinstance(outcome, Unmeasured):
        return asdict(outcome)
    return {
        "goal": outcome.goal,
        "verdict": outcome.verdict,
        "interval": outcome.interval(),
        "figures": {each: asdict(outcome.spread(each)) for each in outcome.metrics},
        "rounds": [
            {"sitting": pair.sitting, "theirs": pair.theirs, "ours": pair.ours}
            for pair in outcome.pairs
        ],
    }


def _curve(plotted: Plotted) -> dict[str, object]:
    steps = {name: plotted.worst(name) for name in plotted.names}
    return {
        "title": plotted.curve.title,
        "against": plotted.curve.against,
        "size": plotted.curve.size,
        "each": plotted.curve.each,
        "points": [{"size": point.size, "costs": point.costs} for point in plotted.points],
        "worst": {name: asdict(step) for name, step in steps.items() if step},
        "missing": {name: asdict(each) for name, each in plotted.missing.items()},
    }
