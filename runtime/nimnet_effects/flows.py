"""Flows as JSON, for other modules that put functions of their own into them. Imports no mypy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nimnet_effects.ir import (
    Argument,
    Call,
    Default,
    Flow,
    Handler,
    Ignorance,
    Layer,
    Part,
    Raise,
    Reraise,
    Site,
    Step,
    Try,
    Unknown,
    With,
    Yield,
)

if TYPE_CHECKING:
    from nimnet_effects.request import Json


def to_json(flow: Flow) -> Json:
    """What `from_json` makes the same flow of."""
    return [_step_to_json(step) for step in flow]


def _step_to_json(step: Step) -> Json:
    match step:
        case Call():
            arguments: dict[str, Json] = {
                name: [
                    [*each.literals],
                    each.parameter,
                    each.default,
                    each.narrowed,
                    each.required,
                    each.certain,
                    [*each.perhaps],
                    each.tested,
                ]
                for name, each in step.arguments.items()
            }
            known: list[Json] = [list(each) for each in step.known]
            place: Json = list(step.site)
            which: list[Json] = [int(step.part), step.declined]
            helper: list[Json] = [step.helper, step.imposed_only]
            return ["call", place, step.name, known, *helper, arguments, *which]
        case Default():
            return ["default", step.parameter, to_json(step.body)]
        case Raise():
            return ["raise", list(step.site), list(step.exceptions)]
        case Reraise():
            narrowed: list[Json] = [[[*classes], inside] for classes, inside in step.narrowed]
            return ["reraise", list(step.site), step.handler, narrowed]
        case Try():
            handlers: list[Json] = [
                [
                    each.number,
                    None if each.classes is None else [*each.classes],
                    to_json(each.body),
                    each.exact,
                    each.leaves,
                ]
                for each in step.handlers
            ]
            ends: list[Json] = [to_json(step.otherwise), to_json(step.final)]
            return ["try", to_json(step.body), handlers, *ends, step.leaves, step.star]
        case With():
            layers = [layer_to_json(layer) for layer in step.layers]
            parts = [to_json(step.before), to_json(step.body), to_json(step.after)]
            return ["with", *parts, layers, list(step.imposes), step.manager]
        case Yield():
            return ["yield", to_json(step.closing)]
        case Unknown():
            return ["unknown", int(step.ignorance)]


def from_json(entry: Any) -> Flow:
    """The flow that `to_json` was given."""
    return [_step_from_json(*step) for step in entry]


def _step_from_json(kind: str, *entry: Any) -> Step:
    match kind, entry:
        case "call", (site, name, known, helper, imposed_only, arguments, part, declined):
            return Call(
                _site(site),
                name,
                tuple((exception, condition) for exception, condition in known),
                helper,
                imposed_only,
                {name: _argument_from_json(each) for name, each in arguments.items()},
                Part(part),
                declined,
            )
        case "default", (parameter, body):
            return Default(parameter, from_json(body))
        case "raise", (site, exceptions):
            return Raise(_site(site), tuple(exceptions))
        case "reraise", (site, handler, narrowed):
            found = tuple((tuple(classes), inside) for classes, inside in narrowed)
            return Reraise(_site(site), handler, found)
        case "try", (body, handlers, otherwise, final, leaves, star):
            return Try(
                from_json(body),
                [_handler_from_json(*each) for each in handlers],
                from_json(otherwise),
                from_json(final),
                leaves,
                star,
            )
        case "with", (before, body, after, layers, imposes, manager):
            return With(
                from_json(before),
                from_json(body),
                from_json(after),
                tuple(map(layer_from_json, layers)),
                tuple(imposes),
                manager,
            )
        case "yield", (closing,):
            return Yield(from_json(closing))
        case _:
            return Unknown(Ignorance(entry[0]))


def _argument_from_json(entry: Any) -> Argument:
    literals, parameter, default, narrowed, required, certain, perhaps, tested = entry
    return Argument(
        tuple(literals), parameter, default, narrowed, required, certain, tuple(perhaps), tested
    )


def layer_to_json(layer: Layer) -> Json:
    """What `layer_from_json` makes the same layer of."""
    return [[[*classes], passes] for classes, passes in layer]


def layer_from_json(entry: Any) -> Layer:
    """The layer that `layer_to_json` was given."""
    return tuple((tuple(classes), passes) for classes, passes in entry)


def _handler_from_json(number: int, classes: Any, body: Any, exact: bool, leaves: bool) -> Handler:
    caught = None if classes is None else tuple(classes)
    return Handler(number, caught, from_json(body), exact, leaves)


def _site(entry: list[int]) -> Site:
    line, column, end_line, end_column = entry
    return line, column, end_line, end_column
