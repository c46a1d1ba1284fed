"""What leaves a flow."""

from __future__ import annotations

from collections.abc import Mapping

from nimnet_effects.inference.effects import Effects, Escape, Escapes, Origin, join
from nimnet_effects.inference.hierarchy import Mro
from nimnet_effects.inference.starred import Starred
from nimnet_effects.ir import (
    ALWAYS,
    IMPOSED,
    OTHERS,
    Call,
    Condition,
    Default,
    Flow,
    Layer,
    Raise,
    Reraise,
    Try,
    With,
    absent,
    asked,
    left_out,
)


class Escaping(Starred):
    """Evaluates flows.

    Args:
        mro: of an exception class.
        effects: of functions, by their keys; what is missing raises nothing.
    """

    def __init__(self, mro: Mro, effects: Mapping[str, Effects]) -> None:
        """Evaluate nothing yet."""
        super().__init__(mro)
        self._effects = effects

    def _flow(self, flow: Flow, caught: dict[int, Escapes]) -> Escapes:
        out: Escapes = {}
        for step in flow:
            if isinstance(step, Call):
                self._call(step, out)
            elif isinstance(step, Raise):
                for exception in step.exceptions:
                    out.setdefault(Escape(exception, ALWAYS, step.site, ""), None)
            elif isinstance(step, Try):
                join(out, self._star(step, caught) if step.star else self._try(step, caught))
            elif isinstance(step, With):
                join(out, self._with(step, caught))
            elif isinstance(step, Reraise):
                again = caught.get(step.handler, {})
                for classes, inside in step.narrowed:
                    taken, rest = self._split(again, classes)
                    again = taken if inside else rest
                join(out, again)
            elif isinstance(step, Default):
                condition = absent(step.parameter)
                for escape, origin in self._flow(step.body, caught).items():
                    out.setdefault(escape._replace(condition=condition), origin)
        return out

    def _call(self, call: Call, out: Escapes) -> None:
        if call.declined is not None:
            first = self._effects.get(call.declined)
            if first is None or not first.declines:
                return
        for exception, condition in call.known:
            out.setdefault(Escape(exception, condition, call.site, call.name), None)
        if call.helper is None or (effects := self._effects.get(call.helper)) is None:
            return
        for (exception, condition), link in effects.of(call.part).items():
            here: Condition | None = condition
            if call.imposed_only and condition != IMPOSED:
                continue
            if (missing := left_out(condition)) is not None:
                given = call.arguments.get(missing)
                here = None if given is not None and given.certain else ALWAYS
            about = asked(condition)
            if about is not None:
                argument = call.arguments.get(about.parameter) or call.arguments.get(OTHERS)
                if argument is None:
                    here = ALWAYS if about.required else None
                elif argument.parameter != OTHERS:
                    here = argument.condition(about.unless)
            if here is not None:
                origin = Origin(call.helper, call.part, exception, condition)
                escape = Escape(exception, here, call.site, call.name)
                out.setdefault(escape, None if link is None else origin)

    def _try(self, step: Try, caught: dict[int, Escapes]) -> Escapes:
        rest = self._flow(step.body, caught)
        out: Escapes = {}
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            if handler.exact:
                rest = after
            join(out, self._flow(handler.body, {**caught, handler.number: taken}))
        join(rest, out)
        join(rest, self._flow(step.otherwise, caught))
        return self._finally(step, rest, caught)

    def _around(self, step: With) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """How a manager handles what leaves its block, and what it imposes on that."""
        if step.manager is None or step.manager not in self._effects:
            return step.layers, step.imposes
        effects = self._effects[step.manager]
        return (*step.layers, *effects.layers), (*step.imposes, *effects.imposes)

    def _with(self, step: With, caught: dict[int, Escapes]) -> Escapes:
        out = self._flow(step.before, caught)
        inside = self._flow(step.body, caught)
        layers, imposes = self._around(step)
        if imposes:
            inside = self._impose(inside, imposes)
        for layer in layers:
            inside = self._through(inside, layer)
        join(out, inside)
        join(out, self._flow(step.after, caught))
        return out
