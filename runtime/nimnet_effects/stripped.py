"""The bodies of functions that mypy leaves out.

In modules whose errors nobody is to see, those that `--follow-imports=silent` follows among them,
mypy does not even parse the bodies of functions. Functions elsewhere may call them and be asked
what they raise, so that modules of the project are parsed as a whole before mypy goes on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from mypy.errors import Errors
from mypy.nodes import ClassDef, Decorator, FuncDef, IfStmt, OverloadedFuncDef, TryStmt, WithStmt
from mypy.parse import parse
from mypy.renaming import LimitedVariableRenameVisitor, VariableRenameVisitor
from mypy.semanal_pass1 import SemanticAnalyzerPreAnalysis

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mypy.nodes import MypyFile, Statement
    from mypy.options import Options

_COMMENT: Final = b"# mypy:"


def is_stripped(tree: MypyFile) -> bool:
    """Whether functions of a module that was just parsed have nothing in their bodies."""
    return not tree.is_stub and any(not function.body.body for function in _functions(tree.defs))


def restore(tree: MypyFile, options: Options) -> None:
    """Parse a module once more, with all of it, and do what mypy does with it at once."""
    whole = options.clone_for_module(tree.fullname).apply_changes({"preserve_asts": True})
    # The native parser does as the comments of a module say, whatever the options do.
    source = Path(tree.path).read_bytes().replace(_COMMENT, _COMMENT.replace(b" ", b"-"))
    parsed = parse(source, tree.path, tree.fullname, Errors(whole), whole, eager=True)
    if not whole.native_parser:
        SemanticAnalyzerPreAnalysis().visit_file(parsed, tree.path, tree.fullname, whole)
    if not whole.allow_redefinition:
        parsed.accept(LimitedVariableRenameVisitor())
    if whole.allow_redefinition_old:
        parsed.accept(VariableRenameVisitor())
    tree.defs = parsed.defs
    tree.imports = parsed.imports


def _functions(statements: Iterable[Statement]) -> Iterator[FuncDef]:
    for statement in statements:
        if isinstance(statement, FuncDef):
            yield statement
        elif isinstance(statement, Decorator):
            yield statement.func
        elif isinstance(statement, OverloadedFuncDef):
            yield from _functions(statement.items)
        elif isinstance(statement, ClassDef):
            yield from _functions(statement.defs.body)
        elif isinstance(statement, IfStmt):
            for block in (*statement.body, *filter(None, [statement.else_body])):
                yield from _functions(block.body)
        elif isinstance(statement, (TryStmt, WithStmt)):
            yield from _functions(statement.body.body)
