"""The drawings of the page, as SVG within it: nothing is fetched; colours are the page's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10
from typing import Final

from benchmarks.ratios import spread
from benchmarks.results import Outcome, Plotted

_WIDTH: Final = 760
_HEIGHT: Final = 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 78, 96, 14, 46
_LABEL: Final = 15
"""Pixels from one label to the next, at least."""
_STRIP: Final = (170, 20)
_FEW: Final = 1000.0
"""A scale that reaches no further has more ticks than the powers of ten."""
_REACH: Final = 4.0
"""How many times its goal a strip reaches to, on both sides."""


def curves(plotted: Plotted) -> str:
    """Returns a plot of the cost of a unit by size, both on logarithmic scales."""
    sizes = [point.size for point in plotted.points]
    lines = {
        name: [spread(point.costs[name]) for point in plotted.points if name in point.costs]
        for name in plotted.names
    }
    every = [each for line in lines.values() for point in line for each in (point.low, point.high)]
    across = _Scale(min(sizes), max(sizes), _LEFT, _WIDTH - _RIGHT)
    # A decade at least: what is flat must look flat.
    low, high = min(every), max(every)
    wider = max(1.0, (10 * low / high) ** 0.5)
    up = _Scale(low / wider, high * wider, _HEIGHT - _BOTTOM, _TOP)
    parts = [*_grid(plotted, across, up)]
    ends = _apart([(name, up.at(line[-1].median)) for name, line in lines.items()])
    for name, line in lines.items():
        placed = [(across.at(size), each) for size, each in zip(sizes, line, strict=True)]
        middle = [(x, up.at(each.median)) for x, each in placed]
        band = [(x, up.at(each.high)) for x, each in placed]
        band += [(x, up.at(each.low)) for x, each in reversed(placed)]
        parts.append(f'<g class="line {escape(name.lower())}">')
        parts.append(f'<polygon points="{_points(band)}"/><polyline points="{_points(middle)}"/>')
        for (x, y), size, each in zip(middle, sizes, line, strict=True):
            told = f"{name}, {size:,} {plotted.curve.size}: {_cost(each.median)}"
            dot = f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{escape(told)}</title>'
            parts.append(f"{dot}</circle>")
        parts.append(_text("label", (_WIDTH - _RIGHT + 10, ends[name] + 4), "start", name))
        parts.append("</g>")
    title = (
        f"{plotted.curve.title}: CPU time for each {plotted.curve.each}, by {plotted.curve.size}"
    )
    return _svg(_WIDTH, _HEIGHT, title, parts)


def strip(outcome: Outcome) -> str:
    """Returns a small drawing of all rounds of a row: a dot for each, a line for the goal."""
    width, height = _STRIP
    goal = outcome.goal or 1.0
    across = _Scale(goal / _REACH, goal * _REACH, 4, width - 4)
    figures = outcome.figures(outcome.row.by)
    median = across.at(spread(figures).median)
    center = height / 2
    places = [f'cx="{across.at(each):.1f}" cy="{center}"' for each in figures]
    parts = [
        _line("axis", (0, center), (width, center)),
        *(f'<circle class="round" {place} r="3"/>' for place in places),
        _line("median", (median, 2), (median, height - 2)),
        _line("goal", (across.at(goal), 0), (across.at(goal), height)),
    ]
    told = f"{len(figures)} rounds, {min(figures):.2f} to {max(figures):.2f}; the line: {goal:g}"
    return _svg(width, height, told, parts)


@dataclass(frozen=True)
class _Scale:
    """A logarithmic scale; what is beyond it is drawn at its end."""

    low: float
    high: float
    begin: float
    end: float

    def at(self, value: float) -> float:
        """Returns the place of a value."""
        if self.high == self.low:
            return (self.begin + self.end) / 2
        part = log10(value / self.low) / log10(self.high / self.low)
        return self.begin + min(max(part, 0.0), 1.0) * (self.end - self.begin)

    def ticks(self) -> Iterator[float]:
        """Gives the powers of ten within; where those are few, also twice and five times them."""
        powers = range(floor(log10(self.low)), ceil(log10(self.high)) + 1)
        steps = (1, 2, 5) if self.high / self.low < _FEW else (1,)
        for tick in (step * 10.0**power for power in powers for step in steps):
            if self.low * 0.999 <= tick <= self.high * 1.001:
                yield tick


def _grid(plotted: Plotted, across: _Scale, up: _Scale) -> Iterator[str]:
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for cost in up.ticks():
        y = up.at(cost)
        yield _line("grid", (_LEFT, y), (right, y))
        yield _text("tick", (_LEFT - 8, y + 4), "end", _cost(cost))
    for size in across.ticks():
        x = across.at(size)
        yield _line("grid", (x, _TOP), (x, bottom))
        yield _text("tick", (x, bottom + 17), "middle", f"{size:,.0f}")
    yield _text("name", ((_LEFT + right) / 2, _HEIGHT - 8), "middle", plotted.curve.size)


def _line(kind: str, begin: tuple[float, float], end: tuple[float, float]) -> str:
    (x1, y1), (x2, y2) = begin, end
    return f'<line class="{kind}" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(kind: str, place: tuple[float, float], anchor: str, text: str) -> str:
    where = f'x="{place[0]:.1f}" y="{place[1]:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{escape(text)}</text>'


def _cost(seconds: float) -> str:
    """Returns a cost in three digits, down to picoseconds, which a byte can cost."""
    for scale, unit in ((1e-3, "ms"), (1e-6, "us"), (1e-9, "ns"), (1e-12, "ps")):
        if seconds >= scale * 0.999:
            return f"{seconds / scale:.3g} {unit}"
    return f"{seconds:.0e} s"


def _apart(ends: Sequence[tuple[str, float]]) -> dict[str, float]:
    """Returns where labels stand so that none covers another."""
    places: dict[str, float] = {}
    last = -_LABEL * 1.0
    for name, y in sorted(ends, key=lambda end: end[1]):
        last = places[name] = max(y, last + _LABEL)
    return places


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _svg(width: float, height: float, title: str, parts: Sequence[str]) -> str:
    head = f'<svg viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">'
    return f"{head}<title>{escape(title)}</title>{''.join(parts)}</svg>"
