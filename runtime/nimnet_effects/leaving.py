"""How blocks end: questions about statements that need no types."""

from __future__ import annotations

from collections.abc import Sequence

from mypy.nodes import (
    Block,
    BreakStmt,
    ContinueStmt,
    IfStmt,
    MatchStmt,
    RaiseStmt,
    ReturnStmt,
    Statement,
    TryStmt,
)
from mypy.patterns import AsPattern, OrPattern, Pattern


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
            isinstance(statement, MatchStmt)
            and statement.guards[-1] is None
            and matches_all(statement.patterns[-1])
            and all(leaves(each.body) for each in statement.bodies)
        ):
            return True
        if (
            isinstance(statement, TryStmt)
            and statement.finally_body is not None
            and leaves(statement.finally_body.body)
        ):
            return True
    return False


def matches_all(pattern: Pattern) -> bool:
    """Whether a pattern matches every value, whatever it is."""
    if isinstance(pattern, AsPattern):
        return pattern.pattern is None or matches_all(pattern.pattern)
    return isinstance(pattern, OrPattern) and any(map(matches_all, pattern.patterns))
