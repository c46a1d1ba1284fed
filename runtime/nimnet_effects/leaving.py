"""How blocks end: questions about statements that need no types."""

from __future__ import annotations

from collections.abc import Sequence

from mypy.nodes import (
    Block,
    BreakStmt,
    ContinueStmt,
    FuncDef,
    IfStmt,
    NameExpr,
    RaiseStmt,
    ReturnStmt,
    Statement,
    TryStmt,
)
from mypy.traverser import all_return_statements


def leaves(statements: Sequence[Statement]) -> bool:
    """Whether a block, if it raises nothing itself, surely jumps out instead of running through.

    What loops do is not looked at: they may not run at all, and their jumps are their own.
    """
    for statement in statements:
        if isinstance(statement, (ReturnStmt, RaiseStmt, BreakStmt, ContinueStmt)):
            return True
        if isinstance(statement, Block) and leaves(statement.body):
            return True
        if (
            isinstance(statement, IfStmt)
            and statement.else_body is not None
            and all(leaves(each.body) for each in (*statement.body, statement.else_body))
        ):
            return True
        if (
            isinstance(statement, TryStmt)
            and statement.finally_body is not None
            and leaves(statement.finally_body.body)
        ):
            return True
    return False


def always_true(function: FuncDef) -> bool:
    """Whether a function returns nothing but the constant True."""
    body = function.body.body
    if not body or not leaves(body):
        return False
    returned = all_return_statements(function)
    return bool(returned) and all(
        isinstance(each.expr, NameExpr) and each.expr.fullname == "builtins.True"
        for each in returned
    )
