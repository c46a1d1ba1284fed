"""Functions of the library that call special methods of what they are given."""

from __future__ import annotations

import functools
import itertools
import string
from typing import Final

from mypy.maptype import map_instance_to_supertype
from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    CallExpr,
    Context,
    Expression,
    MemberExpr,
    StrExpr,
    TempNode,
    TypeInfo,
)
from mypy.types import FunctionLike, Instance, TupleType, Type, TypeType, get_proper_type

from nimnet_effects.extraction.accesses import Accesses
from nimnet_effects.extraction.specials import FORMAT, HASH, INDEX, TEXT, TRUTH
from nimnet_effects.resolution.actuals import Actuals
from nimnet_effects.resolution.owners import owners_of

_CALLED: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "_operator.index": (INDEX,),
    "_operator.length_hint": (("__len__", "__length_hint__"),),
    "builtins.abs": (("__abs__",),),
    "builtins.aiter": (("__aiter__",),),
    "builtins.anext": (("__anext__",),),
    "builtins.ascii": (("__repr__",),),
    "builtins.bin": (INDEX,),
    "builtins.bool": (TRUTH,),
    "builtins.bytes": (("__bytes__",),),
    "builtins.chr": (INDEX,),
    "builtins.complex": (("__complex__", "__float__", "__index__"),),
    "builtins.dir": (("__dir__",),),
    "builtins.float": (("__float__", "__index__"),),
    "builtins.format": (FORMAT,),
    "builtins.hash": (HASH,),
    "builtins.hex": (INDEX,),
    "builtins.int": (("__int__", "__index__", "__trunc__"),),
    "builtins.iter": (("__iter__", "__getitem__"),),
    "builtins.len": (("__len__",),),
    "builtins.next": (("__next__",),),
    "builtins.oct": (INDEX,),
    "builtins.range": (INDEX, INDEX, INDEX),
    "builtins.repr": (("__repr__",),),
    "builtins.reversed": (("__reversed__", "__getitem__"),),
    "builtins.round": (("__round__",),),
    "builtins.str": (TEXT,),
    "copy.copy": (("__copy__",),),
    "copy.deepcopy": (("__deepcopy__",),),
    "dataclasses.replace": (("__post_init__",),),
    "math.ceil": (("__ceil__", "__float__"),),
    "math.floor": (("__floor__", "__float__"),),
    "math.trunc": (("__trunc__",),),
    "os.fspath": (("__fspath__",),),
}
"""By the function, for each of its arguments, which methods it asks for."""
_BETWEEN: Final = {
    "builtins.divmod": ("__divmod__", "__rdivmod__"),
    "builtins.pow": ("__pow__", "__rpow__"),
}
_COMPARING: Final = {
    "builtins.list.sort": "<",
    "builtins.max": ">",
    "builtins.min": "<",
    "builtins.sorted": "<",
}
_CHECKING: Final = {
    "builtins.isinstance": "__instancecheck__",
    "builtins.issubclass": "__subclasscheck__",
}
_FORMATTING: Final = "builtins.str.format"
_PRINTING: Final = "builtins.print"
_TESTING: Final = frozenset(("builtins.all", "builtins.any"))
_SUMMING: Final = "builtins.sum"
ASKING: Final = frozenset(
    (*_CALLED, *_BETWEEN, *_COMPARING, *_CHECKING, *_TESTING, _FORMATTING, _PRINTING, _SUMMING)
)
"""All of them."""


class Library(Accesses):
    """Notes what functions of the library call of their arguments."""

    def _given_to(self, name: str, actuals: Actuals, place: Context) -> None:
        """A function of the library, by its full name, is called with these."""
        arguments = actuals.arguments
        if name in _CALLED:
            for argument, names in zip(arguments, _CALLED[name], strict=False):
                self._called_on(self._operand_type(argument), names, place)
        elif name in _BETWEEN and len(arguments) > 1:
            forward, reflected = _BETWEEN[name]
            self._between(arguments[0], arguments[1], (forward,), (reflected,), place)
        elif name in _COMPARING:
            self._sorted(_COMPARING[name], actuals, place)
        elif name in _CHECKING and len(arguments) > 1:
            self._class_asked(self._operand_type(arguments[1]), _CHECKING[name], place)
        elif name == _FORMATTING:
            self._formatted(actuals, place)
        elif name == _PRINTING:
            for argument, kind in zip(arguments, actuals.kinds, strict=True):
                if kind is ARG_POS:
                    self._called_on(self._operand_type(argument), TEXT, place)
        elif name in _TESTING:
            self._called_on(self._element(arguments[0]), TRUTH, place)
        elif name == _SUMMING:
            self._added(arguments, place)

    def _added(self, arguments: list[Expression], place: Context) -> None:
        element = self._element(arguments[0])
        if element is None:
            return
        item = TempNode(element)
        if len(arguments) > 1:
            self._between(arguments[1], item, ("__add__",), ("__radd__",), place)
        else:
            self._called_on(element, ("__radd__",), place)  # to nothing
        self._between(item, item, ("__add__",), ("__radd__",), place)

    def _sorted(self, op: str, actuals: Actuals, place: Context) -> None:
        """Values are compared with each other, unless there is a function that makes keys."""
        if "key" in actuals.names:
            return
        given = [
            argument
            for argument, kind in zip(actuals.arguments, actuals.kinds, strict=True)
            if kind is ARG_POS
        ]
        if isinstance(place, CallExpr) and isinstance(place.callee, MemberExpr):
            given = [place.callee.expr]
        if len(given) == 1:
            element = self._element(given[0])
            given = [] if element is None else [TempNode(element)] * 2
        for left, right in itertools.pairwise(given):
            self._contrasted(op, left, right, place)

    def _element(self, expression: Expression) -> Type | None:
        """The type of what iterating over a value gives, if that says so."""
        typ = get_proper_type(self._operand_type(expression))
        if isinstance(typ, TupleType):
            typ = typ.partial_fallback
        if isinstance(typ, Instance):
            for base in typ.type.mro:
                if base.fullname == "typing.Iterable":
                    return map_instance_to_supertype(typ, base).args[0]
        return None

    def _class_asked(self, typ: Type | None, name: str, place: Context) -> None:
        """It is asked whether something is of a class, or of one of several."""
        proper = get_proper_type(typ)
        if isinstance(proper, TupleType):
            for item in proper.items:
                self._class_asked(item, name, place)
        elif isinstance(proper, (FunctionLike, TypeType)):
            for info, of_class in owners_of(proper)[0]:
                if of_class:
                    self._class_named(info, name, place)

    def _class_named(self, info: TypeInfo, name: str, place: Context) -> None:
        target = self._resolver.special(info, (name,), True)
        if target is not None and not target.silent:
            self._emit((target,), Actuals([], [], []), place)

    def _formatted(self, actuals: Actuals, place: Context) -> None:
        """`str.format` is called: an f-string does that with each of its values."""
        callee = place.callee if isinstance(place, CallExpr) else None
        text = callee.expr if isinstance(callee, MemberExpr) else None
        if isinstance(text, StrExpr):
            for argument, conversion in _fields(text.value, actuals):
                names = {"r": ("__repr__",), "a": ("__repr__",), "s": TEXT}.get(conversion, FORMAT)
                self._called_on(self._operand_type(argument), names, place)
            return
        for argument in actuals.arguments:
            self._called_on(self._operand_type(argument), FORMAT, place)


def _fields(text: str, actuals: Actuals) -> list[tuple[Expression, str]]:
    """The arguments that a format shows, each with how it is converted before."""
    found: list[tuple[Expression, str]] = []
    positional = [
        argument
        for argument, kind in zip(actuals.arguments, actuals.kinds, strict=True)
        if kind is ARG_POS
    ]
    named = {
        name: argument
        for argument, kind, name in zip(
            actuals.arguments, actuals.kinds, actuals.names, strict=True
        )
        if kind is ARG_NAMED
    }
    for field, conversion in _parsed(text):
        if field.isdecimal():
            if int(field) < len(positional):
                found.append((positional[int(field)], conversion))
        elif field in named:
            found.append((named[field], conversion))
    return found


@functools.cache
def _parsed(text: str) -> tuple[tuple[str, str], ...]:
    """The fields of a format, each with its conversion; those in specifications as well."""
    found: list[tuple[str, str]] = []
    waiting = [text]
    automatic = 0
    while waiting:
        try:
            parsed = list(string.Formatter().parse(waiting.pop(0)))
        except ValueError:
            break  # mypy has said what is wrong with it
        for _, field, specification, conversion in parsed:
            if field is None:
                continue
            if not field:
                field, automatic = str(automatic), automatic + 1
            found.append((field, conversion or ""))
            if specification:
                waiting.append(specification)
    return tuple(found)
