"""The classes that the members of a value come from."""

from __future__ import annotations

from collections.abc import Sequence

from mypy.nodes import TypeInfo
from mypy.types import (
    AnyType,
    FunctionLike,
    Instance,
    LiteralType,
    NoneType,
    TupleType,
    Type,
    TypedDictType,
    TypeType,
    TypeVarLikeType,
    TypeVarType,
    UninhabitedType,
    UnionType,
    get_proper_type,
)


def owners_of(typ: Type | None) -> tuple[list[tuple[TypeInfo, bool]], bool]:
    """The classes whose members a value of the type has: each with whether it is the class
    itself that is the value. And whether that is all.
    """
    proper = get_proper_type(typ)
    if isinstance(proper, Instance):
        return [(proper.type, False)], True
    if isinstance(proper, TupleType):
        return [(proper.partial_fallback.type, False)], True
    if isinstance(proper, (LiteralType, TypedDictType)):
        return [(proper.fallback.type, False)], True
    if isinstance(proper, FunctionLike):
        if proper.is_type_obj():
            return [(proper.type_object(), True)], True
        return [(proper.fallback.type, False)], True
    if isinstance(proper, TypeType):
        return [(info, True) for info, _ in owners_of(proper.item)[0]], not isinstance(
            proper.item, AnyType
        )
    if isinstance(proper, TypeVarType) and proper.values:
        return _all(proper.values)
    if isinstance(proper, TypeVarLikeType):
        return owners_of(proper.upper_bound)
    if isinstance(proper, UnionType):
        return _all(proper.items)
    return [], isinstance(proper, (NoneType, UninhabitedType)) or proper is None


def _all(types: Sequence[Type]) -> tuple[list[tuple[TypeInfo, bool]], bool]:
    found: dict[tuple[TypeInfo, bool], None] = {}
    complete = True
    for item in types:
        owners, known = owners_of(item)
        found.update(dict.fromkeys(owners))
        complete = complete and known
    return list(found), complete
