"""The Python signature of a callable, at the level that checks and plans share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from nimnet_gen.model.surface import Callable, Param, StringMeaning, Type
from nimnet_gen.naming import effective
from nimnet_gen.naming.names import python_name
from nimnet_gen.naming.nimtypes import NimSyntaxError, NimType, parse_type
from nimnet_gen.naming.python_types import Place, PythonAnnotation, annotation
from nimnet_gen.naming.symbols import Symbols


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
        return self.param.default is None


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


@lru_cache(maxsize=1024)
def signature(entry: Callable, symbols: Symbols) -> Signature | None:
    """Return the signature, or None if a type in it is faulty (the types' room has reported it).

    Nim may have a required parameter after one with a default, Python only as a keyword: from there
    on the required ones are keyword-only.
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
        optional = False
        for index, param in enumerate(effective.params(entry)):
            given = symbols.type_of(param)
            if given is None:
                return None
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
                    keyword_only=param.extension or (optional and param.default is None),
                )
            )
            optional = optional or param.default is not None
    except NimSyntaxError:
        return None
    return Signature(owner, tuple(arguments), tuple(outcomes))
