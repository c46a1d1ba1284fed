"""The page of a run: the table with every round drawn, and the curves, in one file."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from benchmarks.ratios import CONFIDENCE, TOLERANCE, Sense
from benchmarks.reports import plot, terminal
from benchmarks.results import Measured, Outcome, Results, Unmeasured
from benchmarks.samples import shown

_TEMPLATE: Final = "page.html.jinja"


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        first: Whether it begins a row.
        lines: How many lines that row has.
        work: What is done.
        against: What it is compared with.
        build: Of which build; nothing where there is but one.
        figures: By what, and the median with its quartiles; the one that is judged first.
        theirs: What one operation costs the peer.
        ours: What it costs nimnet.
        drawn: All rounds.
        verdict: The verdict with its goal.
        style: The verdict alone, in one word.
        why: Why all of these are missing.
    """

    first: bool
    lines: int
    work: str
    against: str
    build: str
    figures: tuple[tuple[str, str], ...] = ()
    theirs: str = ""
    ours: str = ""
    drawn: str = ""
    verdict: str = ""
    style: str = ""
    why: str = ""


def text(results: Results) -> str:
    """Returns the page."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template(_TEMPLATE).render(
        facts=results.facts,
        tolerance=f"{TOLERANCE:.0%}",
        confidence=f"{CONFIDENCE:.0%}",
        lines=[line for measured in results.rows for line in _lines(measured)],
        curves=[
            (each, Markup(plot.curves(each)) if each.points else "", list(terminal.curve(each)))
            for each in results.curves
        ],
    )


def _lines(measured: Measured) -> Iterator[Line]:
    for number, (build, outcome) in enumerate(measured.outcomes.items()):
        row = measured.row
        place = (number == 0, len(measured.outcomes), row.work, row.against)
        name = "" if build == "this" else build
        if isinstance(outcome, Unmeasured):
            yield Line(*place, name, why=outcome.why)
        else:
            yield _line(place, name, outcome)


def _line(place: tuple[bool, int, str, str], build: str, outcome: Outcome) -> Line:
    by = outcome.row.by
    metrics = sorted(outcome.metrics, key=lambda metric: metric != by)
    figures = tuple((each, terminal.middle(outcome.spread(each))) for each in metrics)
    theirs, ours = (shown(by, outcome.cost(ours=whose)) for whose in (False, True))
    if outcome.row.sense is Sense.ALONE:
        theirs = ""
    drawn = Markup(plot.strip(outcome))
    verdict, style = terminal.verdict(outcome), outcome.verdict.replace(" ", "-")
    return Line(*place, build, figures, theirs, ours, drawn, verdict, style)
