"""The order in which a module defines what it has: everything after what it needs.

An import runs a module from top to bottom, and with it the defaults of its functions and methods,
the values of its constants and the types of its callbacks. They stand in documented order,
constants for calls first; what something before it needs is moved up to there, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from nimnet_gen.plan.api import Alias, ApiModule, Expression, Function, HandleClass, ValueClass
from nimnet_gen.plan.signature import hoisted_name


class CircularDefinitionError(Exception):
    """Two definitions need each other before they are there."""

    def __init__(self, name: str, needed: str) -> None:
        """Say which is defined, and what it needs that needs it as well."""
        super().__init__(f"{name} needs {needed}")
        self.name = name
        self.needed = needed


@dataclass(frozen=True)
class Hoisted:
    """The constants that hold what default calls give, by the text of the call."""

    names: Mapping[str, str]
    expressions: Mapping[str, Expression]

    @classmethod
    def of(cls, module: ApiModule) -> Hoisted:
        """Return those of a module, each with a name that no other has."""
        names: dict[str, str] = {}
        expressions: dict[str, Expression] = {}
        used: set[str] = set()
        for default in _defaults(module):
            if not default.is_call or default.text in names:
                continue
            name = stem = hoisted_name(default)
            number = 2
            while name in used:
                name, number = f"{stem}_{number}", number + 1
            used.add(name)
            names[default.text] = name
            expressions[name] = default
        return cls(names, expressions)


def _defaults(module: ApiModule) -> Iterator[Expression]:
    for function in module.callables:
        yield from _defaults_of(function)


def _defaults_of(function: Function) -> Iterator[Expression]:
    for form in function.forms_and_setter:
        for param in form.params:
            if param.default is not None:
                yield param.default


def in_order(module: ApiModule, hoisted: Hoisted) -> list[str]:
    """Return the names of a module's constants, types and functions as they have to be defined.

    Raises:
        CircularDefinitionError: There is no such order.
    """
    return _Order(module, hoisted).names()


class _Order:
    def __init__(self, module: ApiModule, hoisted: Hoisted) -> None:
        self._hoisted = hoisted
        self._functions = {function.name: function for function in module.functions}
        self._needs: dict[str, tuple[str, ...]] = {
            name: tuple(self._evaluated([default])) for name, default in hoisted.expressions.items()
        }
        for symbol in module.types:
            self._needs[symbol.name] = ()
            if isinstance(symbol, Alias):
                self._needs[symbol.name] = symbol.type.symbols
            elif isinstance(symbol, ValueClass | HandleClass):
                called = list(symbol.methods)
                if isinstance(symbol, HandleClass) and symbol.constructor is not None:
                    called.append(symbol.constructor)
                defaults = [one for method in called for one in _defaults_of(method)]
                self._needs[symbol.name] = tuple(self._needed_by(defaults))
        for constant in module.constants:
            self._needs[constant.name] = constant.value.symbols
        for function in module.functions:
            self._needs[function.name] = tuple(self._needed_by(_defaults_of(function)))
        self._placed: dict[str, None] = {}
        self._open: list[str] = []

    def names(self) -> list[str]:
        for name in self._needs:
            self._place(name)
        return list(self._placed)

    def _place(self, name: str) -> None:
        if name in self._placed or name not in self._needs:
            return
        if name in self._open:
            raise CircularDefinitionError(self._open[-1], name)
        self._open.append(name)
        for needed in self._needs[name]:
            self._place(needed)
        self._open.pop()
        self._placed[name] = None

    def _needed_by(self, defaults: Iterable[Expression]) -> Iterator[str]:
        for default in defaults:
            if default.is_call:
                yield self._hoisted.names[default.text]
            else:
                yield from default.symbols

    def _evaluated(self, defaults: Iterable[Expression]) -> Iterator[str]:
        """Yield what an expression names, and what the functions make that it calls."""
        for default in defaults:
            yield from default.symbols
            for symbol in default.symbols:
                if symbol in self._functions:
                    for form in self._functions[symbol].forms:
                        yield from form.result.symbols
