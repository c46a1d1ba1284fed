"""What functions rest on: functions of other modules, and what decorators make of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nimnet_effects.extraction.extractor import Extractor
from nimnet_effects.inference.effects import Effects
from nimnet_effects.inference.walking import helpers
from nimnet_effects.ir import Function, Ignorance
from nimnet_effects.summaries import from_json, wrapper_of
from nimnet_effects.wrapping import Decorated, Wrapper, given_to, put_around

if TYPE_CHECKING:
    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World


class Gathering:
    """Collects all that inference needs for one module.

    Args:
        extractor: one that has walked over the module.
        module: its full name.
        world: what the analysis can ask.
        classes: where exception classes are remembered.

    Attributes:
        functions: all whose flows are known, by their keys.
        effects: of those of which only these are known.
        consulted: full names of functions elsewhere, by the key of the function that calls them.
    """

    def __init__(self, extractor: Extractor, module: str, world: World, classes: Classes) -> None:
        """Know the module alone."""
        self._module = module
        self._world = world
        self._classes = classes
        self.functions: dict[str, Function] = {}
        self.effects: dict[str, Effects] = {}
        self.consulted: dict[str, set[str]] = {}
        self._wrappers: dict[str, dict[bool, Wrapper]] = {}
        self._filled: dict[tuple[str, bool], Wrapper] = {}
        self._decorated: list[Decorated] = []
        self._waiting: dict[str, tuple[str, str]] = {}
        self._asked: set[str] = set()
        self._beyond: dict[str, Effects | None] = {}
        self._take(extractor)

    def run(self) -> None:
        """Get all that the module's functions rest on."""
        while self._decorated or self._waiting:
            if self._decorated:
                self._decorate(self._decorated.pop())
                continue
            key, (module, qualname) = self._waiting.popitem()
            if key not in self.functions and key not in self._asked:
                self._asked.add(key)
                self._ask(key, module, qualname)

    def filled(self, key: str, called: bool) -> Wrapper | None:
        """What a decorator makes of functions, with all that it puts in their place."""
        found = self._filled.get((key, called))
        if found is None and (wrapper := self._wrappers.get(key, {}).get(called)) is not None:
            # What stands in it may have decorators of its own.
            for each in [one for one in self._decorated if one.whole.startswith(wrapper.within)]:
                if each in self._decorated:
                    self._decorated.remove(each)
                    self._decorate(each)
            found = self._filled[key, called] = wrapper.filled(self.functions.values())
        return found

    def beyond(self, key: str) -> Effects | None:
        """The effects of a function that only functions elsewhere call; None if unknown."""
        if key not in self._beyond:
            module, _, qualname = key.partition(":")
            summary = self._world.summary_of(module, qualname)
            self._beyond[key] = None if summary is None else from_json(summary)
        return self._beyond[key]

    def _ask(self, key: str, module: str, qualname: str) -> None:
        if self._open(module, qualname):
            return
        summary = None if module == self._module else self._world.summary_of(module, qualname)
        if summary is None:
            self.effects[key] = Effects(ignorance=Ignorance.ANYTHING)
        else:
            self.effects[key] = from_json(summary)

    def _open(self, module: str, qualname: str) -> bool:
        """Walk over a function of a module that mypy has yet to come to, if it is one."""
        opened = self._world.opened(module, qualname)
        if opened is None:
            return False
        other = Extractor(opened.tree, opened.checker, self._world, self._classes)
        other.run_one(opened.function, opened.decorator)
        self._take(other)
        # What that calls in its own module has to be asked for as well.
        for function in other.functions.values():
            self._wait(function)
        return True

    def _take(self, extractor: Extractor) -> None:
        self.functions.update(extractor.functions)
        self.consulted.update(extractor.consulted)
        self._wrappers.update(extractor.wrappers)
        for wrappers in extractor.wrappers.values():
            for each in wrappers.values():
                self.effects[given_to(each.taker)] = Effects(ignorance=Ignorance.ANYTHING)
        self._decorated += extractor.decorated
        self._waiting.update(extractor.called)

    def _wait(self, function: Function) -> None:
        for helper in helpers(function):
            module, _, qualname = helper.partition(":")
            self._waiting.setdefault(helper, (module, qualname))

    def _decorate(self, decorated: Decorated) -> None:
        module, qualname = decorated.decorator
        key = f"{module}:{qualname}"
        if key not in self._wrappers and module != self._module:
            self._open(module, qualname)
        wrapper = self.filled(key, decorated.called)
        if wrapper is None:
            summary = self._world.summary_of(module, qualname)
            wrapper = wrapper_of(summary, decorated.called)
        if wrapper is None:
            self.effects.setdefault(key, Effects(ignorance=Ignorance.ANYTHING))
            wrapper = Wrapper(key, qualname, {}, itself=True)
        flow, functions = put_around(decorated, wrapper)
        whole = self.functions[decorated.whole]
        whole.flow += flow
        for each in (whole, *functions):
            self.functions[each.key] = each
            self._wait(each)
