"""How blocks end: questions about statements that need no types."""

from __future__ import annotations

from collections.abc import Sequence

from mypy.nodes import (
    Block,
    BreakStmt,
    ContinueStmt,
    IfStmt,
    RaiseStmt,
    ReturnStmt,
    Statement,
    TryStmt,
)


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
