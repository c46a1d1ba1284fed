"""What functions say of themselves: `@raises(...)` in mypy's trees.

Which decorator it is, and which classes it names, is resolved by what mypy bound the names to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from mypy.nodes import (
    ARG_POS,
    ARG_STAR,
    CallExpr,
    Decorator,
    Expression,
    FuncDef,
    MemberExpr,
    OverloadedFuncDef,
    RefExpr,
    SymbolNode,
    TupleExpr,
    TypeAlias,
    TypeInfo,
    Var,
)
from mypy.types import (
    CallableType,
    Instance,
    Overloaded,
    TupleType,
    Type,
    TypeType,
    UnionType,
    get_proper_type,
)

from nimnet_effects.contracts import Contract, Given
from nimnet_effects.ir import parameter_key
from nimnet_effects.literals import literal_of

RAISES: Final = "nimnet_effects.raises"
_ANYTHING: Final = ("builtins.BaseException",)


def is_raises(decorator: Expression) -> bool:
    """Whether a decorator is `@raises(...)`."""
    return (
        isinstance(decorator, CallExpr)
        and isinstance(decorator.callee, RefExpr)
        and decorator.callee.fullname == RAISES
    )


def of_decorator(node: Decorator, wraps: Callable[[Expression], bool | None]) -> Contract | None:
    """What the `@raises` among the decorators of a function says; None if there is none.

    Args:
        node: the function.
        wraps: whether a decorator puts another function in the place of the one that it is given:
            what stands below declares nothing for that.
    """
    for decorator in node.original_decorators:
        if isinstance(decorator, CallExpr) and is_raises(decorator):
            return of_call(decorator, node.func)
        if wraps(decorator):
            return None
    return None


def of_definition(
    node: SymbolNode | None, wraps: Callable[[Expression], bool | None]
) -> tuple[Contract, ...] | None:
    """What a definition declares, one contract for each form of an overloaded function.

    Of a property, what reading it declares. `wraps` is as for `of_decorator`.
    """
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        node = node.items[0]
    if isinstance(node, Decorator):
        declared = of_decorator(node, wraps)
        return None if declared is None else (declared,)
    if not isinstance(node, OverloadedFuncDef):
        return None
    whole = of_decorator(node.impl, wraps) if isinstance(node.impl, Decorator) else None
    forms = [
        of_decorator(item, wraps) if isinstance(item, Decorator) else None for item in node.items
    ]
    if all(form is None for form in forms):
        return None if whole is None else (whole,)
    return tuple(form or whole or Contract() for form in forms)


def accessors_of(node: SymbolNode | None) -> Iterator[tuple[str, Decorator]]:
    """The functions that write and delete a property: `setter`, `deleter`."""
    if isinstance(node, OverloadedFuncDef) and node.is_property:
        for item in node.items[1:]:
            access = accessor_of(item) if isinstance(item, Decorator) else None
            if isinstance(item, Decorator) and access is not None:
                yield access, item


def accessor_of(item: Decorator) -> str | None:
    """Whether a decorated function is the `setter` or the `deleter` of a property."""
    for decorator in item.original_decorators or item.decorators:
        if isinstance(decorator, MemberExpr) and decorator.name in ("setter", "deleter"):
            return decorator.name
    # mypy's cache keeps no decorators.
    return None if item.original_decorators else "setter"


def of_call(call: CallExpr, function: FuncDef) -> Contract:
    """What one `@raises(...)` says of the function that it stands at.

    A class that mypy could not resolve counts as any exception, so that nothing is reported because
    of it: mypy has said what is wrong there.
    """
    raises: list[str] = []
    given: dict[str, Given] = {}
    for argument, kind, name in zip(call.args, call.arg_kinds, call.arg_names, strict=True):
        if kind in (ARG_POS, ARG_STAR):
            raises.extend(_classes(argument))
        elif name is not None:
            key, default = _parameter(function, name)
            unless = () if default is None else (default,)
            given[key] = Given(tuple(_classes(argument)), unless)
    return Contract(raises=tuple(raises), given=given)


def _parameter(function: FuncDef, name: str) -> tuple[str, str | None]:
    """The key of a parameter, and the literal that it defaults to, which is as good as none."""
    for place, argument in enumerate(function.arguments):
        if argument.variable.name == name:
            default = argument.initializer
            literal = None if default is None else literal_of(default)
            return parameter_key(function.arg_names[place], place), literal
    return name, None


def _classes(expression: Expression) -> Iterator[str]:
    if isinstance(expression, TupleExpr):
        for item in expression.items:
            yield from _classes(item)
    elif isinstance(expression, RefExpr):
        yield from classes_of(expression.node)
    else:
        yield from _ANYTHING


def classes_of(node: SymbolNode | None) -> tuple[str, ...]:
    """The full names of the classes that a name stands for: one, or those of a tuple."""
    if isinstance(node, TypeInfo):
        return (node.fullname,)
    if isinstance(node, TypeAlias):
        target = get_proper_type(node.target)
        return (target.type.fullname,) if isinstance(target, Instance) else _ANYTHING
    if isinstance(node, Var) and node.type is not None:
        return tuple(dict.fromkeys(_classes_of_type(node.type)))
    return _ANYTHING


def _classes_of_type(type_: Type) -> Iterator[str]:
    proper = get_proper_type(type_)
    if isinstance(proper, (TupleType, UnionType)):
        for item in proper.items:
            yield from _classes_of_type(item)
    elif isinstance(proper, TypeType) and isinstance(item := proper.item, Instance):
        yield item.type.fullname
    elif isinstance(proper, (CallableType, Overloaded)) and proper.is_type_obj():
        yield proper.type_object().fullname
    elif isinstance(proper, Instance) and proper.type.fullname == "builtins.tuple":
        for item in proper.args:
            yield from _classes_of_type(item)
    else:
        yield from _ANYTHING
