"""What a function does, as its callers see it, and by which way it came."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from nimnet_effects.inference.effects import Chain, Effects, Escapes, Link, Origin, Raised
from nimnet_effects.inference.generators import Generators
from nimnet_effects.inference.handling import settled
from nimnet_effects.inference.hierarchy import Mro
from nimnet_effects.inference.walking import steps, walk
from nimnet_effects.ir import (
    ALWAYS,
    CONSTANT,
    IMPOSED,
    Call,
    Condition,
    Function,
    Ignorance,
    Unknown,
    Yield,
    if_given,
    otherwise,
)

LONGEST_CHAIN: Final = 6


class Evaluator(Generators):
    """Evaluates flows, with what is known of the functions that they call.

    Args:
        mro: of an exception class.
        effects: of functions, by their keys; what is missing raises nothing.
        beyond: the effects of a function that none of the others calls.

    Attributes:
        told: the modules of which `chain` has told lines.
    """

    def __init__(
        self,
        mro: Mro,
        effects: Mapping[str, Effects],
        beyond: Callable[[str], Effects | None] = lambda _: None,
    ) -> None:
        """Evaluate nothing yet."""
        super().__init__(mro, effects)
        self.told: set[str] = set()
        self._beyond = beyond

    def chain(self, origin: Origin | None) -> Chain:
        """The way that an exception takes, from the function on that was called."""
        found: list[Link] = []
        while origin is not None and len(found) < LONGEST_CHAIN:
            link = self._link(origin)
            if link is None:
                break
            self.told.add(link.module)
            found.append(link._replace(origin=None))
            origin = link.origin
        return tuple(found)

    def function(self, function: Function) -> Effects:
        """What the function does, as callers see it."""
        raises = self._raised(self.escapes(function), function)
        layers, imposes = self._around_yields(function.flow)
        if function.swallows:
            layers = (function.swallows,)
        effects = Effects(raises, Ignorance.NONE, layers, imposes, declines=function.declines)
        effects.result = self._raised(self.result(function), function)
        if function.flow and any(isinstance(step, Yield) for step in walk(function.flow)):
            effects.closing = self._raised(self._closing(function), function)
        declared = function.declared
        if declared is None:
            effects.ignorance = self.ignorance(function)
            return effects
        # Callers are told what it declares. What their blocks impose on it, nobody need declare.
        effects.raises = {key: link for key, link in raises.items() if key[1] == IMPOSED}
        apart = [each for given in declared.given.values() for each in given.raises]
        effects.raises.update(
            {(each, otherwise(self.below(each, apart))): None for each in declared.raises}
        )
        for parameter, given in declared.given.items():
            condition = if_given(parameter, given.unless, parameter in function.required)
            effects.raises.update({(each, condition): None for each in given.raises})
        for part in (effects.result, effects.closing):
            for key in [key for key in part if self.is_a(key[0], declared.raises)]:
                del part[key]  # callers hear of it already
        return effects

    def _raised(self, escapes: Escapes, function: Function) -> Raised:
        """What callers see of what leaves a function: of several ways, the first one that ends."""
        found: Raised = {}
        circular: set[tuple[str, Condition]] = set()
        for escape, origin in escapes.items():
            condition = ALWAYS if escape.condition == CONSTANT else escape.condition
            key = (escape.exception, condition)
            if key not in found or key in circular:
                circular.discard(key)
                if self._leads_to(origin, function.key):
                    circular.add(key)
                    if key in found:
                        continue
                found[key] = Link(function.module, escape.site[0], escape.callee, origin)
        return found

    def _leads_to(self, origin: Origin | None, function: str) -> bool:
        """Whether the way of an exception has a function on it."""
        for _ in range(LONGEST_CHAIN):
            if origin is None or origin.helper == function:
                break
            link = self._link(origin)
            origin = None if link is None else link.origin
        return origin is not None and origin.helper == function

    def _link(self, origin: Origin) -> Link | None:
        effects = self._effects.get(origin.helper) or self._beyond(origin.helper)
        if effects is None:
            return None
        return effects.of(origin.part).get((origin.exception, origin.condition))

    def escapes(self, function: Function) -> Escapes:
        """Everything that leaves the function, with its place."""
        escapes = self._flow(function.flow, {})
        if function.absorbs is not None:
            absorbed = (function.absorbs,)
            escapes = {e: origin for e, origin in escapes.items() if not self.is_a(e[0], absorbed)}
        return settled(escapes, function.reassigned)

    def result(self, function: Function) -> Escapes:
        """Everything that leaves the generators and coroutines that the function returns."""
        if not function.result:
            return {}
        return settled(self._flow(function.result, {}), function.reassigned)

    def ignorance(self, function: Function) -> Ignorance:
        """How much of what a function calls cannot be seen."""
        worst = Ignorance.NONE
        for step in steps(function):
            if isinstance(step, Unknown):
                worst = max(worst, step.ignorance)
            elif (
                isinstance(step, Call)
                and step.helper is not None
                and not step.imposed_only
                and step.helper in self._effects
            ):
                worst = max(worst, self._effects[step.helper].ignorance)
            if worst is Ignorance.ANYTHING:
                break
        return worst
