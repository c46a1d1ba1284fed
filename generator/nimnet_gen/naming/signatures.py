"""The Python signature of a callable, at the level that checks and plans share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from nimnet_gen.model.surface import Callable, Param, StringMeaning, Type
from nimnet_gen.naming import effective
from nimnet_gen.naming.names import python_name
from nimnet_gen.naming.nimtypes import (
    Named,
    NimSyntaxError,
    NimType,
    SeveralOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.python_types import Place, PythonAnnotation, annotation
from nimnet_gen.naming.symbols import Symbols

_NIL: Final = "nil"
"""The default of what may be nothing."""


@dataclass(frozen=True)
class Argument:
    """One parameter of the Python signature."""

    param: Param
    name: str
    type: NimType
    annotation: PythonAnnotation
    keyword_only: bool

    @property
    def required(self) -> bool:
        """Whether every call must give it."""
        return self.param.default is None and not self.variadic

    @property
    def given(self) -> Argument:
        """The same, in a call that gives it by its place."""
        return replace(self, param=replace(self.param, default=None), keyword_only=False)

    @property
    def variadic(self) -> bool:
        """Whether a call can give any number of it, each by its place."""
        return isinstance(self.type, SeveralOf) and self.type.kind == "varargs"


@dataclass(frozen=True)
class Outcome:
    """One value of the Python result: the documented result, or a parameter with `mode: out`."""

    type: NimType
    meaning: StringMeaning | None
    annotation: PythonAnnotation


@dataclass(frozen=True)
class Signature:
    """How Python calls it: without the object that a method is called on."""

    owner: Type | None
    arguments: tuple[Argument, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def by_place(self) -> int:
        """How many arguments a call can give by their places, if it gives all of these.

        It is 0 where there is nothing particular about it: where no required one of Nim's stands
        behind one that can be left out.
        """
        needed = [
            index + 1
            for index, one in enumerate(self.arguments)
            if one.required and one.keyword_only and not one.param.extension
        ]
        return max(needed, default=0) if not any(one.variadic for one in self.arguments) else 0


@lru_cache(maxsize=1024)
def signature(entry: Callable, symbols: Symbols) -> Signature | None:
    """Return the signature, or None if a type in it is faulty (the types' room has reported it).

    Nim may have a required parameter after one with a default, Python only as a keyword: from there
    on the required ones are keyword-only. With all before them they have a place (`by_place`).
    """
    owner = symbols.owner(entry)
    arguments: list[Argument] = []
    outcomes: list[Outcome] = []
    result = effective.result(entry)
    try:
        if result is not None:
            node = parse_type(result.type)
            written = annotation(node, result.as_, "result", symbols.mappings)
            outcomes.append(Outcome(node, result.as_, written))
        optional = collected = False
        for index, param in enumerate(effective.params(entry)):
            given = symbols.type_of(param)
            if given is None:
                return None
            if param.default == _NIL and not isinstance(given, UnionOf):
                given = UnionOf((given, Named("void")))
            if index == 0 and owner is not None:
                continue
            if param.mode == "out":
                written = annotation(given, param.as_, "result", symbols.mappings)
                outcomes.append(Outcome(given, param.as_, written))
                continue
            place: Place = "inout" if param.mode == "inout" else "param"
            arguments.append(
                Argument(
                    param,
                    python_name(param),
                    given,
                    annotation(given, param.as_, place, symbols.mappings),
                    keyword_only=collected
                    or param.extension
                    or (optional and param.default is None),
                )
            )
            # What follows any number of arguments can only be named.
            optional = optional or param.default is not None
            collected = collected or arguments[-1].variadic
    except NimSyntaxError:
        return None
    return Signature(owner, _collected(arguments), tuple(outcomes))


def _collected(arguments: list[Argument]) -> tuple[Argument, ...]:
    """Return arguments in Python's order: any number of them first, what may be left out by name.

    What has a default before them would have to be given for the sake of its place.
    """
    at = next((index for index, argument in enumerate(arguments) if argument.variadic), None)
    if at is None:
        return tuple(arguments)
    needed = [argument for argument in arguments[:at] if argument.required]
    named = [
        replace(argument, keyword_only=True) for argument in arguments[:at] if not argument.required
    ]
    return (*needed, replace(arguments[at], keyword_only=False), *named, *arguments[at + 1 :])
