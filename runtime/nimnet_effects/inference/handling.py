"""What handlers take of what arrives, and what goes on."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nimnet_effects.inference.effects import Escapes, join
from nimnet_effects.inference.hierarchy import Hierarchy
from nimnet_effects.ir import (
    ALWAYS,
    CONSTANT,
    EXACTLY,
    IMPOSED,
    OTHERS,
    Layer,
    asked,
    told_apart,
)
from nimnet_effects.values import among


class Handling(Hierarchy):
    """Divides what arrives at handlers."""

    def _split(self, escapes: Escapes, classes: tuple[str, ...] | None) -> tuple[Escapes, Escapes]:
        """What a handler of the classes takes, and what goes on."""
        if classes is None:
            return escapes, {}
        taken: Escapes = {}
        rest: Escapes = {}
        for escape, origin in escapes.items():
            if self.is_a(escape.exception, classes) or f"{EXACTLY}{escape.exception}" in classes:
                taken.setdefault(escape, origin)
                continue
            rest[escape] = origin
            for narrower in (each.removeprefix(EXACTLY) for each in classes):
                if escape.exception in self.mro(narrower) and not self.is_a(
                    narrower, told_apart(escape.condition)
                ):
                    part = escape._replace(exception=narrower)
                    if told_apart(part.condition):  # from the wider class, which this is not
                        part = part._replace(condition=ALWAYS)
                    taken.setdefault(part, origin)
        return taken, rest

    def _impose(self, escapes: Escapes, imposes: tuple[str, ...]) -> Escapes:
        out: Escapes = {}
        for escape, origin in escapes.items():
            if escape.condition == IMPOSED and self.is_a(escape.exception, imposes):
                escape = escape._replace(condition=ALWAYS)  # it is the same one
            out.setdefault(escape, origin)
        return out

    def _through(self, escapes: Escapes, layer: Layer) -> Escapes:
        passed: Escapes = {}
        for classes, passes in layer:
            taken, escapes = self._split(escapes, classes)
            if passes:
                join(passed, taken)
        join(escapes, passed)
        return escapes


def settled(escapes: Escapes, reassigned: Mapping[str, Collection[str]]) -> Escapes:
    """The same, of a function that gives some parameters other values: these decide nothing.

    Unless it is known of a value that it does: then the function raises whatever it is given.
    """
    if not reassigned:
        return escapes
    settled: Escapes = {}
    for escape, origin in escapes.items():
        about = asked(escape.condition)
        if about is not None and (about.parameter in reassigned or OTHERS in reassigned):
            literals = reassigned.get(about.parameter, ())
            surely = not all(among(each, about.unless) for each in literals)
            escape = escape._replace(condition=CONSTANT if surely else ALWAYS)  # it is the same one
        settled.setdefault(escape, origin)
    return settled
