"""Decorators of the program's own: functions that put one of theirs in the place of another.

    def logged(function):             # takes a function,
        def wrapper(*args, **named):  # and returns one of its own, which may call that
            return function(*args, **named)
        return wrapper

A factory of decorators has one more function around these. Which functions are such is told from
their trees alone, so that it can be asked before mypy has typed them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.nodes import (
    ARG_OPT,
    ARG_POS,
    CallExpr,
    CastExpr,
    Decorator,
    FuncDef,
    IfStmt,
    NameExpr,
    RefExpr,
    ReturnStmt,
    TryStmt,
    Var,
    WithStmt,
)
from mypy.traverser import all_return_statements

from nimnet_effects.declarations import call_of, no_values

if TYPE_CHECKING:
    from mypy.nodes import Expression, Statement

COPIES: Final = frozenset(("functools.wraps", "functools.update_wrapper"))
"""What takes a function for its name and its documentation."""


class Wrapping(NamedTuple):
    """What takes a function and returns what stands in its place.

    Attributes:
        taker: the decorator; of a factory, the function that it returns.
        given: the parameter that gets the function.
        returned: the functions inside of the taker that it may return.
        itself: whether it may also return what it was given.
    """

    taker: FuncDef
    given: Var
    returned: tuple[FuncDef, ...]
    itself: bool

    def inside(self) -> Iterator[FuncDef]:
        """The functions that stand in the taker."""
        return _functions(self.taker.body.body)


def wrapping_of(function: FuncDef, called: bool) -> Wrapping | None:
    """What the function does as a decorator; None if it does something more complicated.

    Args:
        function: what stands behind the `@`.
        called: whether it is called there, so that what it returns is the decorator.
    """
    return wrappings_of(function).get(called)


def wrappings_of(function: FuncDef) -> dict[bool, Wrapping]:
    """What the function does as a decorator, and as a factory of decorators (`True`)."""
    returned = _returned(function)
    if returned is None:
        return {}
    found = {False: _taking(function, returned)}
    inside, itself = returned
    if len(inside) == 1 and not itself:
        inner = _returned(inside[0])
        found[True] = None if inner is None else _taking(inside[0], inner)
    return {called: each for called, each in found.items() if each is not None}


def _taking(function: FuncDef, returned: tuple[tuple[FuncDef, ...], bool]) -> Wrapping | None:
    """What a function that returns these does, if it takes a function."""
    if function.info or not function.arguments:
        return None
    first, *others = function.arguments
    if first.kind not in (ARG_POS, ARG_OPT) or any(each.kind is ARG_POS for each in others):
        return None
    # mypy does not look into functions without types.
    if any(each.type is None for each in (function, *returned[0])):
        return None
    return Wrapping(function, first.variable, *returned)


def named_by(decorator: Expression) -> tuple[FuncDef, bool] | None:
    """The function that an expression behind `@` names, and whether it is called there."""
    called = isinstance(decorator, CallExpr)
    named = decorator.callee if isinstance(decorator, CallExpr) else decorator
    node = named.node if isinstance(named, RefExpr) else None
    if isinstance(node, Decorator) and all(call_of(each, no_values) for each in node.decorators):
        node = node.func
    return (node, called) if isinstance(node, FuncDef) and not node.info else None


def _returned(function: FuncDef) -> tuple[tuple[FuncDef, ...], bool] | None:
    """What a function returns, if that is functions inside of it, or its first parameter."""
    if function.is_coroutine or function.is_generator:
        return None
    statements = function.body.body
    if not statements or not isinstance(statements[-1], ReturnStmt):
        return None
    if _name(statements[-1].expr) is None:
        return None
    inside = list(_functions(statements))
    given = function.arguments[0].variable if function.arguments else None
    found: dict[FuncDef, None] = {}
    itself = False
    for statement in all_return_statements(function):
        name = _name(statement.expr)
        node = None if name is None else name.node
        if isinstance(node, Decorator):
            node = node.func
        if isinstance(node, FuncDef) and node in inside:
            found[node] = None
        elif node is not None and node is given:
            itself = True
        else:
            return None
    return tuple(found), itself


def _name(expression: Expression | None) -> NameExpr | None:
    """The name that an expression is, with a `cast` around it or without."""
    if isinstance(expression, CallExpr) and isinstance(expression.analyzed, CastExpr):
        expression = expression.analyzed
    if isinstance(expression, CastExpr):
        expression = expression.expr
    return expression if isinstance(expression, NameExpr) else None


def _functions(statements: Iterable[Statement]) -> Iterator[FuncDef]:
    """The functions that stand directly in a function."""
    for statement in statements:
        if isinstance(statement, FuncDef):
            yield statement
        elif isinstance(statement, Decorator):
            yield statement.func
        elif isinstance(statement, IfStmt):
            for block in (*statement.body, *filter(None, [statement.else_body])):
                yield from _functions(block.body)
        elif isinstance(statement, (TryStmt, WithStmt)):
            yield from _functions(statement.body.body)
