"""Effects as JSON, for callers in other modules and for the next run.

The lines of the steps that exceptions take stand apart, under `LINES`: functions that are moved do
what they did.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from nimnet_effects import wrapping
from nimnet_effects.inference.effects import Effects, Link, Origin
from nimnet_effects.ir import Ignorance, Part
from nimnet_effects.request import LINES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nimnet_effects.inference.effects import Raised
    from nimnet_effects.request import Json, Summary
    from nimnet_effects.wrapping import Wrapper

_PARTS: Final = {Part.BODY: "raises", Part.RESULT: "result", Part.CLOSING: "closing"}


def to_json(effects: Effects) -> Summary:
    """What `from_json` makes the same effects of; what is usual is left out."""
    summary: dict[str, Json] = {}
    lines: list[Json] = []
    for part, name in _PARTS.items():
        if raised := effects.of(part):
            summary[name] = [
                [exception, condition, _link_to_json(link)]
                for (exception, condition), link in raised.items()
            ]
            lines += [link.line for link in raised.values() if link is not None]
    if lines:
        summary[LINES] = lines
    if effects.ignorance:
        summary["ignorance"] = int(effects.ignorance)
    if effects.layers:
        summary["layers"] = [
            [[list(classes), passes] for classes, passes in layer] for layer in effects.layers
        ]
    if effects.imposes:
        summary["imposes"] = list(effects.imposes)
    if effects.declines:
        summary["declines"] = True
    return summary


def from_json(summary: Summary) -> Effects:
    """The effects that `to_json` was given."""
    layers = cast("list[list[list[Json]]]", summary.get("layers", []))
    lines = iter(cast("list[int]", summary.get(LINES, [])))
    raised = {part: _raised(summary, part, lines) for part in _PARTS}
    return Effects(
        raised[Part.BODY],
        Ignorance(cast("int", summary.get("ignorance", 0))),
        tuple(
            tuple((tuple(cast("list[str]", classes)), bool(passes)) for classes, passes in layer)
            for layer in layers
        ),
        tuple(cast("list[str]", summary.get("imposes", []))),
        raised[Part.RESULT],
        raised[Part.CLOSING],
        bool(summary.get("declines")),
    )


def _link_to_json(link: Link | None) -> Json:
    if link is None:
        return None
    origin: Json = None
    if link.origin is not None:
        helper, part, exception, condition = link.origin
        origin = [helper, int(part), exception, condition]
    return [link.module, link.callee, origin]


def _raised(summary: Summary, part: Part, lines: Iterator[int]) -> Raised:
    found: Raised = {}
    for entry in cast("list[list[Json]]", summary.get(_PARTS[part], [])):
        exception, condition, link = entry
        found[cast("str", exception), cast("str", condition)] = (
            _link(link, next(lines)) if isinstance(link, list) else None
        )
    return found


def _link(entry: list[Json], line: int) -> Link:
    module, callee, way = entry
    origin = None
    if isinstance(way, list):
        helper, part, exception, condition = way
        origin = Origin(
            cast("str", helper),
            Part(cast("int", part)),
            cast("str", exception),
            cast("str", condition),
        )
    return Link(cast("str", module), line, cast("str", callee), origin)


def of_alias(fullname: str, bound: bool) -> Summary:
    """What a module says of a name of its own for a function."""
    return {"alias": [fullname, bound]}


def alias_of(summary: Summary | None) -> tuple[str, bool] | None:
    """What `of_alias` was given; None of another summary."""
    named = None if summary is None else summary.get("alias")
    if not isinstance(named, list):
        return None
    fullname, bound = named
    return cast("str", fullname), bool(bound)


def of_wrappers(wrappers: Mapping[bool, Wrapper]) -> Summary:
    """What a module says of a function of its own that is a decorator, or a factory of them."""
    return {"wraps": {str(called): each.to_json() for called, each in wrappers.items()}}


def wrapper_of(summary: Summary | None, called: bool) -> Wrapper | None:
    """What `of_wrappers` was given, for a decorator or for a factory; None if it is none."""
    wraps = cast("dict[str, Json]", {} if summary is None else summary.get("wraps", {}))
    entry = wraps.get(str(called))
    return None if entry is None else wrapping.from_json(entry)
