"""The step of a test that failed: the whole statement of its source, found in its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, TypeGuard

_DEMANDS: Final = frozenset({"raising", "lasting"})
"""The context managers of `demands` that belong to the step inside them."""


def failing_step(path: Path, function: str, traceback: TracebackType | None) -> str:
    """Return the source of the statement of a test function that an exception passed through.

    A `with` that only makes something ready, like the stage or an object, is no step: the steps are
    the statements in it. One that demands an exception or a duration is.

    Args:
        path: The test's module.
        function: The test function's name.
        traceback: The exception's.

    Returns:
        The statement without its indentation; nothing if the function is not in the traceback.
    """
    line = _line(path, function, traceback)
    if line is None:
        return ""
    source = path.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name == function:
            step = _step(node.body, line)
            if step is not None:
                return _text(source, step)
    return ""


def _line(path: Path, function: str, traceback: TracebackType | None) -> int | None:
    found = None
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if code.co_name == function and Path(code.co_filename) == path:
            found = traceback.tb_lineno
        traceback = traceback.tb_next
    return found


def _step(statements: Sequence[ast.stmt], line: int) -> ast.stmt | None:
    for statement in statements:
        if statement.lineno <= line <= (statement.end_lineno or statement.lineno):
            if _encloses(statement):
                return _step(statement.body, line) or statement
            return statement
    return None


def _encloses(statement: ast.stmt) -> TypeGuard[ast.With]:
    """Tell whether a statement is a `with` around steps, and makes none of its own demands."""
    return isinstance(statement, ast.With) and not any(
        isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in _DEMANDS
        for call in (item.context_expr for item in statement.items)
    )


def _text(source: str, step: ast.stmt) -> str:
    """Return a step's source; of what is around steps, and failed itself, only the head."""
    last = step.end_lineno or step.lineno
    if _encloses(step):
        last = step.body[0].lineno - 1
    lines = source.splitlines()[step.lineno - 1 : last]
    return "\n".join(line[step.col_offset :] for line in lines)
