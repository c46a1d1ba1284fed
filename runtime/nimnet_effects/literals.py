"""The literals that expressions and types stand for, as `repr` writes them."""

from __future__ import annotations

from typing import Final

from mypy.constant_fold import constant_fold_expr
from mypy.nodes import BytesExpr, Expression, NameExpr, RefExpr, Var
from mypy.types import Instance, LiteralType, NoneType, Type, UnionType, get_proper_type

_LONGEST: Final = 1024
"""Bits of the longest integer that is looked at: Python writes none with thousands of digits."""
_NAMED: Final = ("builtins.None", "builtins.True", "builtins.False")


def literal_of(expression: Expression, module: str = "") -> str | None:
    """What a constant expression is, whatever its type: a literal, a `Final`, a sum of these.

    Args:
        expression: The expression.
        module: The module that it stands in: only there, constants are seen within sums.
    """
    if isinstance(expression, BytesExpr):
        return f"b{expression.value!r}"
    if isinstance(expression, NameExpr) and expression.fullname in _NAMED:
        return expression.name
    if isinstance(expression, RefExpr) and isinstance(expression.node, Var):
        value = expression.node.final_value if expression.node.is_final else None
    else:
        value = constant_fold_expr(expression, module)
    if value is None or (isinstance(value, int) and value.bit_length() > _LONGEST):
        return None
    return repr(value)


def literals_of(typ: Type | None) -> tuple[str, ...]:
    """All values of a type, if there are only some; nothing of any other."""
    proper = get_proper_type(typ)
    if isinstance(proper, UnionType):
        found = [literals_of(item) for item in proper.items]
        return tuple(each for item in found for each in item) if all(found) else ()
    if isinstance(proper, Instance) and proper.last_known_value is not None:
        proper = proper.last_known_value
    if isinstance(proper, NoneType):
        return ("None",)
    if not isinstance(proper, LiteralType) or proper.is_enum_literal():
        return ()
    if isinstance(proper.value, int) and proper.value.bit_length() > _LONGEST:
        return ()
    prefix = "b" if proper.fallback.type.fullname == "builtins.bytes" else ""
    return (f"{prefix}{proper.value!r}",)
