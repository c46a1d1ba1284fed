"""Operators and comparisons."""

from __future__ import annotations

from typing import Final

from mypy.nodes import ComparisonExpr, Context, Expression, OpExpr, TempNode, UnaryExpr
from mypy.operators import op_methods, ops_with_inplace_method, reverse_op_methods
from mypy.types import Instance, get_proper_type

from nimnet_effects.extraction.specials import EQUAL, HASH, UNEQUAL, Specials
from nimnet_effects.ir import Ignorance

_UNARY: Final = {"-": ("__neg__",), "+": ("__pos__",), "~": ("__invert__",)}
_NAMES: Final = {op: (name,) for op, name in op_methods.items()} | {"!=": UNEQUAL}
_REFLECTED: Final = {
    op: _NAMES[op] if op in ("==", "!=") else (reverse_op_methods[name],)
    for op, name in op_methods.items()
    if name in reverse_op_methods
}
_HASHED: Final = frozenset(("builtins.dict", "builtins.frozenset", "builtins.set"))
_SEARCHED: Final = _HASHED | {"builtins.list", "builtins.tuple", "collections.deque"}


class Operators(Specials):
    """Notes the methods that operators call."""

    def _unary_expr(self, o: UnaryExpr) -> None:
        self.visit(o.expr)
        if o.op == "not":
            self._tested(o.expr)
            return
        self._called_on(self._type_of(o.expr), _UNARY[o.op], o)

    def _op_expr(self, o: OpExpr) -> None:
        if o.analyzed is not None:
            return
        self.visit(o.left)
        if o.op in ("and", "or"):
            self._frame.tests.append(o.left)
            self._tested(o.left)
            self.visit(o.right)
            return
        self.visit(o.right)
        self._binary(o.op, o.left, o.right, o)

    def _comparison_expr(self, o: ComparisonExpr) -> None:
        operands = o.operands
        for operand in operands:
            self.visit(operand)
        for index, op in enumerate(o.operators):
            left, right = operands[index], operands[index + 1]
            if op in ("in", "not in"):
                self._searched(right, left, o)
            elif op not in ("is", "is not"):
                self._contrasted(op, left, right, o)

    def _contrasted(self, op: str, left: Expression, right: Expression, place: Context) -> None:
        self._between(left, right, _NAMES[op], _REFLECTED[op], place, compared=True)

    def _binary(
        self, op: str, left: Expression, right: Expression, place: Context, inplace: bool = False
    ) -> None:
        if op in "/%//**@" and self._frame.ignorance is Ignorance.NONE:
            self._frame.ignorance = Ignorance.COMPUTATION
        names = _NAMES[op]
        if inplace and op in ops_with_inplace_method:
            names = (f"__i{names[0][2:]}", *names)
        self._between(left, right, names, _REFLECTED[op], place)

    def _searched(self, container: Expression, item: Expression, place: Context) -> None:
        """It is asked whether a container has an item."""
        typ = get_proper_type(self._type_of(container))
        self._called_on(typ, ("__contains__",), place, item)
        if isinstance(typ, Instance) and typ.args and typ.type.fullname in _SEARCHED:
            if typ.type.fullname in _HASHED:
                self._called_on(self._type_of(item), HASH, place)
            inside = TempNode(typ.args[0])
            self._between(inside, item, EQUAL, EQUAL, place, compared=True)
