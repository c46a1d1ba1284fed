"""Which forms of what is called a call may choose: by its arguments, and their types."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from mypy.erasetype import erase_typevars
from mypy.nodes import Expression, FuncDef
from mypy.subtypes import is_subtype
from mypy.types import (
    AnyType,
    CallableType,
    Instance,
    Type,
    TypeVarType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.resolution.actuals import Actuals, formals
from nimnet_effects.resolution.targets import Target

_MOST_UNIONS: Final = 16


def chosen(
    target: Target, actuals: Actuals, type_of: Callable[[Expression], Type | None]
) -> list[int]:
    """Which forms of the target a call may choose, as indices."""
    forms = target.forms
    if len(forms) < 2:
        return [0]
    fitting = [
        (index, fit[0])
        for index, form in enumerate(forms)
        if (fit := formals(form, target.bound, actuals)) is not None
    ]
    if len(fitting) < 2:
        return [index for index, _ in fitting] or list(range(len(forms)))
    types = [get_proper_type(type_of(each)) for each in actuals.arguments]
    if any(typ is None or isinstance(typ, AnyType) for typ in types):
        loose = [i for i, given in fitting if _accepts(forms[i], given, types)]
        return loose or [index for index, _ in fitting]
    found: list[int] = []
    for combination in _combinations(types):
        for index, given in fitting:
            if _accepts(forms[index], given, combination):
                if index not in found:
                    found.append(index)
                break
    return sorted(found) or [index for index, _ in fitting]


def _accepts(form: FuncDef, fit: dict[int, int], types: Sequence[Type | None]) -> bool:
    signature = form.type
    if not isinstance(signature, CallableType):
        return True
    for formal, actual in fit.items():
        given = types[actual]
        if given is None or formal >= len(signature.arg_types):
            continue
        if not is_subtype(given, erase_typevars(signature.arg_types[formal])):
            return False
    return True


def takes(target: Target, typ: Type | None) -> bool:
    """Whether a method takes one argument of a type, as far as its signature says.

    One that takes any object, as `__eq__` must, may well not know what to do with this one: without
    its source, that is no yes.
    """
    given = get_proper_type(typ)
    for form in target.forms:
        signature = form.type
        if not isinstance(signature, CallableType) or len(signature.arg_types) < 2:
            return True
        wanted = get_proper_type(signature.arg_types[1])
        if isinstance(wanted, TypeVarType):
            wanted = get_proper_type(wanted.upper_bound)
        if (
            target.helper is None
            and isinstance(wanted, Instance)
            and (wanted.type.fullname == "builtins.object")
        ):
            continue
        if given is None or is_subtype(given, erase_typevars(wanted)):
            return True
    return not target.forms


def _combinations(types: Sequence[Type | None]) -> list[list[Type | None]]:
    """The argument types with one item for each union, if these are not too many."""
    found: list[list[Type | None]] = [[]]
    for typ in types:
        proper = get_proper_type(typ)
        items: list[Type | None] = list(proper.items) if isinstance(proper, UnionType) else [typ]
        if len(found) * len(items) > _MOST_UNIONS:
            items = [typ]
        found = [[*before, item] for before in found for item in items]
    return found
