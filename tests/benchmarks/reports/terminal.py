"""The table at the terminal, row by row as they come."""

from collections.abc import Iterator, Mapping

from benchmarks.ratios import TOLERANCE, Sense, Spread, Verdict
from benchmarks.results import PEER, Measured, Outcome, Plotted, Results, Unmeasured
from benchmarks.rows import BuildName
from benchmarks.samples import Metric, shown

_BUILD = 10
_FIGURES = 34
_COST = 11


def heading(facts: Mapping[str, str]) -> Iterator[str]:
    """Gives what stands above the table."""
    for name, fact in facts.items():
        yield f"{name}: {fact}"
    yield ""
    yield "Figures: what the peer took / what nimnet took (above 1 nimnet is faster), or the other"
    yield "way round where a goal is at most: median [quartiles] of rounds. Both sides take turns."
    yield f"What has a * is judged: it may fall short of its goal by {TOLERANCE:.0%}."
    yield ""
    costs = f"{'theirs':>{_COST}}{'nimnet':>{_COST}}"
    yield f"  {'build':<{_BUILD}}{'figures':<{2 * _FIGURES}}{costs}  verdict (goal)"


def row(measured: Measured) -> Iterator[str]:
    """Gives the lines of one row."""
    against = measured.row.against
    yield measured.row.work + ("" if against == "-" else f" / {against}")
    for build, outcome in measured.outcomes.items():
        yield f"  {_line(build, outcome)}".rstrip()


def _line(build: BuildName, outcome: Outcome | Unmeasured) -> str:
    name = f"{'' if build == 'this' else build:<{_BUILD}}"
    if isinstance(outcome, Unmeasured):
        return f"{name}not measured: {outcome.why}"
    figures = "".join(f"{_figure(outcome, each):<{_FIGURES}}" for each in outcome.metrics)
    costs = "" if outcome.row.sense is Sense.ALONE else f"{_cost(outcome, ours=False):>{_COST}}"
    costs += f"{_cost(outcome, ours=True):>{_COST}}"
    return f"{name}{figures:<{2 * _FIGURES}}{costs}  {verdict(outcome)}"


def verdict(outcome: Outcome) -> str:
    """Returns the verdict with its goal; nothing where nothing is wanted."""
    if outcome.goal is None:
        return ""
    sense = "at least" if outcome.row.sense is Sense.FASTER else "at most"
    unit = " s" if outcome.row.sense is Sense.ALONE else ""
    said = outcome.verdict if outcome.verdict is Verdict.REACHED else outcome.verdict.upper()
    return f"{said} ({sense} {outcome.goal:g}{unit})"


def _figure(outcome: Outcome, metric: Metric) -> str:
    star = "*" if metric == outcome.row.by and outcome.goal is not None else ""
    return f"{metric} {middle(outcome.spread(metric))}{star}"


def _cost(outcome: Outcome, *, ours: bool) -> str:
    return shown(outcome.row.by, outcome.cost(ours=ours))


def middle(figures: Spread) -> str:
    """Returns a median with its quartiles."""
    return f"{figures.median:.2f} [{figures.low:.2f} .. {figures.high:.2f}]"


def curve(plotted: Plotted) -> Iterator[str]:
    """Gives the lines of one curve: where it is steepest."""
    yield f"{plotted.curve.title}, by {plotted.curve.size} / {plotted.curve.against}"
    for name in plotted.names:
        step = plotted.worst(name)
        if name == PEER or step is None:
            continue
        said = "A CLIFF" if step.is_cliff else "no cliff"
        yield (
            f"  {name:<{_BUILD}}{said}; the worst step is that to {step.size:,}: x{step.growth:.2f}"
            f" for each {plotted.curve.each} (the peer: x{step.theirs:.2f})"
        )
    for name, missing in plotted.missing.items():
        yield f"  {name:<{_BUILD}}not measured: {missing.why}"


def ending(results: Results, seconds: float) -> Iterator[str]:
    """Gives what stands below: how many goals are met, of each build."""
    yield ""
    for build in ("pure", "compiled", "this"):
        found = [
            outcome.verdict
            for measured in results.rows
            for name, outcome in measured.outcomes.items()
            if name == build and isinstance(outcome, Outcome) and outcome.goal is not None
        ]
        if found:
            counts = ", ".join(f"{found.count(each)} {each}" for each in Verdict if each in found)
            yield f"{'beside them' if build == 'this' else build}: {counts}"
    if results.failures:
        yield f"{results.failures} FAILED"
    yield f"in {seconds:.0f} s"
