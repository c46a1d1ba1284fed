"""What is thrown at a `yield`: a GeneratorExit where it is closed, or what a block raises."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nimnet_effects.inference.effects import Escape, Escapes, join
from nimnet_effects.inference.escaping import Escaping
from nimnet_effects.inference.hierarchy import BASE
from nimnet_effects.inference.walking import reraises
from nimnet_effects.ir import ALWAYS, Flow, Function, Layer, Try, With, Yield

_GENERATOR_EXIT: Final = "builtins.GeneratorExit"
_NOWHERE: Final = (0, 0, 0, 0)
MOST_LAYERS: Final = 16


class Generators(Escaping):
    """Evaluates generators at their yields."""

    def _closing(self, function: Function) -> Escapes:
        """What leaves a generator that is closed at one of its yields."""
        escapes, resumes = self._closed(function.flow, {})
        if resumes:
            # A handler takes the GeneratorExit, and goes on with what stands behind it.
            join(escapes, self._flow(function.flow, {}))
        absorbed = (_GENERATOR_EXIT,)
        return {e: origin for e, origin in escapes.items() if not self.is_a(e[0], absorbed)}

    def _closed(self, flow: Flow, caught: dict[int, Escapes]) -> tuple[Escapes, bool]:
        """What leaves a flow that is closed at a yield in it, and whether it may go on instead."""
        out: Escapes = {}
        resumes = False
        for step in flow:
            if isinstance(step, Yield):
                out.setdefault(Escape(_GENERATOR_EXIT, ALWAYS, _NOWHERE, ""), None)
                join(out, self._flow(step.closing, caught))
            elif isinstance(step, Try):
                more, goes_on = self._closed_try(step, caught)
                join(out, more)
                resumes = resumes or goes_on
            elif isinstance(step, With) and (inside := self._closed(step.body, caught))[0]:
                escapes, goes_on = inside
                layers, _ = self._around(step)
                for layer in layers:
                    escapes = self._through(escapes, layer)
                join(out, escapes)
                join(out, self._flow(step.after, caught))
                resumes = resumes or goes_on or not escapes
        return out, resumes

    def _closed_try(self, step: Try, caught: dict[int, Escapes]) -> tuple[Escapes, bool]:
        rest, resumes = self._closed(step.body, caught)
        out: Escapes = {}
        for handler in step.handlers:
            taken, after = self._split(rest, handler.classes)
            if taken:
                join(out, self._flow(handler.body, {**caught, handler.number: taken}))
                resumes = resumes or not handler.leaves
            if handler.exact:
                rest = after
            more, goes_on = self._closed(handler.body, caught)
            join(out, more)
            resumes = resumes or goes_on
        join(out, rest)
        for inner in (step.otherwise, step.final):
            more, goes_on = self._closed(inner, caught)
            join(out, more)
            resumes = resumes or goes_on
        if not out:
            return out, resumes
        return self._finally(step, out, caught), resumes

    def _around_yields(self, flow: Flow) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
        """How a generator treats what is thrown at its `yield`: what holds at all of them."""
        found = list(self._yields(flow))
        if not found or any(each != found[0] for each in found):
            return (), ()
        if len(found[0][0]) > MOST_LAYERS:
            return (), ()
        return found[0]

    def _yields(self, flow: Flow) -> Iterable[tuple[tuple[Layer, ...], tuple[str, ...]]]:
        for step in flow:
            if isinstance(step, Yield):
                yield (), ()
            elif isinstance(step, Try):
                own: tuple[Layer, ...] = ()
                if step.handlers:
                    own = (
                        tuple(
                            (
                                (BASE,) if h.classes is None else h.classes,
                                not h.exact or reraises(h.body, h.number),
                            )
                            for h in step.handlers
                        ),
                    )
                last: tuple[Layer, ...] = ((((BASE,), False),),) if step.leaves else ()
                for layers, imposes in self._yields(step.body):
                    yield (*layers, *own, *last), imposes
                for inner in (*(h.body for h in step.handlers), step.otherwise):
                    for layers, imposes in self._yields(inner):
                        yield (*layers, *last), imposes
                yield from self._yields(step.final)
            elif isinstance(step, With):
                around, imposed = self._around(step)
                for layers, imposes in self._yields(step.body):
                    yield (*layers, *around), (*imposes, *imposed)
