"""Operators and comparisons."""

from __future__ import annotations

from typing import Final

from mypy.nodes import ARG_POS, ComparisonExpr, Context, Expression, MemberExpr, OpExpr, UnaryExpr
from mypy.operators import op_methods, ops_with_inplace_method, reverse_op_methods
from mypy.types import CallableType, Instance, NoneType, TupleType, Type, get_proper_type

from nimnet_effects.extraction.overriding import Overriding
from nimnet_effects.ir import Ignorance
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.resolution.owners import owners_of

_UNARY: Final = {"-": "__neg__", "+": "__pos__", "~": "__invert__"}


class Operators(Overriding):
    """Notes the methods that operators call."""

    def _unary_expr(self, o: UnaryExpr) -> None:
        self.visit(o.expr)
        name = _UNARY.get(o.op)
        if name is not None:
            self._operated(o.expr, name, o)

    def _op_expr(self, o: OpExpr) -> None:
        if o.analyzed is not None:
            return
        self.visit(o.left)
        self.visit(o.right)
        if o.op not in ("and", "or"):
            self._binary(o.op, o.left, o.right, o)

    def _comparison_expr(self, o: ComparisonExpr) -> None:
        operands = o.operands
        for operand in operands:
            self.visit(operand)
        for index, op in enumerate(o.operators):
            left, right = operands[index], operands[index + 1]
            if op in ("in", "not in"):
                self._operated(right, "__contains__", o, left)
            elif op not in ("is", "is not"):
                self._operated(left, op_methods[op], o, right)
                if not self._alike(left, right):
                    self._operated(right, reverse_op_methods[op_methods[op]], o, left)

    def _binary(
        self, op: str, left: Expression, right: Expression, place: Context, inplace: bool = False
    ) -> None:
        name = op_methods.get(op)
        if name is None:
            return
        if op in "/%//**@" and self._frame.ignorance is Ignorance.NONE:
            self._frame.ignorance = Ignorance.COMPUTATION
        if inplace and op in ops_with_inplace_method:
            typ = get_proper_type(self._operand_type(left))
            if isinstance(typ, Instance) and typ.type.has_readable_member(f"__i{name[2:]}"):
                self._operated(left, f"__i{name[2:]}", place, right)
                return
        self._operated(left, name, place, right)
        reverse = reverse_op_methods.get(name)
        if reverse is not None and not self._alike(left, right):
            self._operated(right, reverse, place, left)

    def _alike(self, left: Expression, right: Expression) -> bool:
        """Whether two operands are of one class, so that the left one's method does it all."""
        one = get_proper_type(self._operand_type(left))
        other = get_proper_type(self._operand_type(right))
        return isinstance(one, Instance) and isinstance(other, Instance) and one.type is other.type

    def _operand_type(self, operand: Expression) -> Type | None:
        """The type of an operand: of an attribute that `+=` writes, mypy keeps none."""
        typ = self._type_of(operand)
        if typ is None and isinstance(operand, MemberExpr):
            return self._resolver.attribute(self._type_of(operand.expr), operand.name)
        return typ

    def _operated(
        self, operand: Expression, name: str, place: Context, other: Expression | None = None
    ) -> None:
        """An operator calls a method of its operand, with the other one if it has one."""
        actuals = NO_ACTUALS if other is None else Actuals([other], [ARG_POS], [None])
        typ = get_proper_type(self._operand_type(operand))
        if isinstance(typ, Instance):
            targets = self._resolver.operator(typ.type, name)
            if targets:
                self._emit(targets, actuals, place)
            if name.endswith("item__"):
                self._frame.ignorance = max(self._frame.ignorance, Ignorance.COMPUTATION)
            return
        if typ is None or isinstance(typ, (NoneType, TupleType, CallableType)):
            return
        owners, complete = owners_of(typ)
        if not complete:
            self._frame.ignorance = Ignorance.ANYTHING
        for info, of_class in owners:
            if not of_class:
                self._emit(self._resolver.operator(info, name), actuals, place)
