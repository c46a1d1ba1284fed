"""Declarations that cannot be read: what is said of them, so that none is passed over in silence.

What can be read stands in `declarations`. A decorator is a declaration if it is of the class that
`raises` returns, wherever it comes from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.nodes import (
    ARG_NAMED,
    ARG_STAR,
    ARG_STAR2,
    CallExpr,
    Expression,
    FuncDef,
    MemberExpr,
    NameExpr,
    RefExpr,
    SymbolNode,
    TupleExpr,
    Var,
)
from mypy.types import AnyType, Instance, Type, get_proper_type

from nimnet_effects import declarations
from nimnet_effects.declarations import Values

if TYPE_CHECKING:
    from mypy.nodes import ArgKind

_DECLARATION: Final = "nimnet_effects.Declaration"
_READABLE: Final = (
    "@raises(...) with names of classes, or a name that is given one raises(...) at the top of "
    "the same module, once"
)
_FOR_FUNCTIONS: Final = "@raises declares for functions: its methods can declare"


class Fault(NamedTuple):
    """What cannot be read of a declaration, and where that stands."""

    at: Expression
    message: str
    known: bool = True
    """False if it may be right, and mypy knows nothing of it."""


def is_declaration(expression: Expression, type_of: Callable[[Expression], Type | None]) -> bool:
    """Whether an expression has what `raises` returns for its value, by its type."""
    return _is_declaration(type_of(expression))


def _is_declaration(typ: Type | None) -> bool:
    proper = get_proper_type(typ)
    return isinstance(proper, Instance) and proper.type.fullname == _DECLARATION


def faults(
    decorators: Sequence[Expression],
    function: FuncDef | None,
    type_of: Callable[[Expression], Type | None],
    values: Values,
) -> Iterator[Fault]:
    """What cannot be read of the declarations among decorators.

    Args:
        decorators: those of one function or class.
        function: the function; None for a class.
        type_of: the type of an expression.
        values: as for `declarations.of_decorator`.
    """
    for decorator in decorators:
        call = declarations.call_of(decorator, values)
        if call is not None:
            if function is None:
                yield Fault(decorator, _FOR_FUNCTIONS)
            else:
                for argument in zip(call.args, call.arg_kinds, call.arg_names, strict=True):
                    yield from _argument(decorator, function, *argument)
        elif isinstance(decorator, RefExpr) and declarations.is_raises(decorator, values):
            yield Fault(decorator, "@raises needs parentheses: @raises() says that nothing leaves")
        elif is_declaration(decorator, type_of):
            message = f"this declaration cannot be read: write {_READABLE}"
            yield Fault(decorator, message if function else _FOR_FUNCTIONS)


def _argument(
    at: Expression, function: FuncDef, argument: Expression, kind: ArgKind, name: str | None
) -> Iterator[Fault]:
    if kind is ARG_STAR2:
        yield Fault(at, "what ** gives to @raises cannot be read: write the keywords")
        return
    if kind is ARG_NAMED and name is not None:
        yield from _parameter(at, function, name)
    listed = isinstance(argument, TupleExpr) or declarations.is_tuple(argument)
    if kind is not ARG_NAMED and listed is not (kind is ARG_STAR):
        if listed:
            yield Fault(at, "@raises takes classes one by one: a tuple of them wants a * before it")
        else:
            yield Fault(
                at, "what * gives to @raises cannot be read: it has to be a tuple of classes"
            )
        return
    for item in argument.items if isinstance(argument, TupleExpr) else (argument,):
        yield from _classes(at, function, item)


def _parameter(at: Expression, function: FuncDef, name: str) -> Iterator[Fault]:
    stars = {}
    names = []
    for argument in function.arguments:
        if argument.kind in (ARG_STAR, ARG_STAR2):
            stars[argument.variable.name] = "*" if argument.kind is ARG_STAR else "**"
        else:
            names.append(argument.variable.name)
    if name in names:
        return
    if name in stars:
        what = f'"{stars[name]}{name}" stands for any number of arguments'
        yield Fault(at, f"{what}: @raises can only tell a parameter of its own from the others")
        return
    close = get_close_matches(name, names, 1)
    meant = f'; did you mean "{close[0]}"?' if close else ""
    if not close and "**" in stars.values():
        meant = ": what ** takes cannot be told apart"
    yield Fault(at, f'"{function.name}" has no parameter "{name}"{meant}')


def _classes(at: Expression, function: FuncDef, expression: Expression) -> Iterator[Fault]:
    node = expression.node if isinstance(expression, RefExpr) else None
    shown = (
        f'"{expression.name}"'
        if isinstance(expression, (NameExpr, MemberExpr))
        else "an expression"
    )
    if _is_unknown(node):
        message = f"mypy knows nothing of {shown}: what {_quoted(function)} raises is not checked"
        yield Fault(at, message, known=False)
        return
    found = declarations.named(node)
    if found is None:
        yield Fault(
            at, f"{shown} in @raises cannot be read: it has to be the name of a class of exceptions"
        )
        return
    for info in found:
        if not info.has_base("builtins.BaseException") and not info.fallback_to_any:
            yield Fault(at, f'"{info.name}" is no class of exceptions')


def _is_unknown(node: SymbolNode | None) -> bool:
    return isinstance(node, Var) and isinstance(get_proper_type(node.type), AnyType)


def _quoted(function: FuncDef) -> str:
    return f'"{function.name}"'


def applied(call: CallExpr, called: Type | None) -> Fault | None:
    """What is said of a declaration that is called with a function, and no decorator.

    Args:
        call: any call.
        called: the type of what is called.
    """
    if not _is_declaration(called):
        return None
    return Fault(call, "a declaration counts as a decorator alone: write it over the function")
