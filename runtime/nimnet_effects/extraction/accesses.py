"""Attributes, subscripts and targets of assignments: what is read, written and deleted."""

from __future__ import annotations

from mypy.nodes import (
    DelStmt,
    Expression,
    IndexExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    StarExpr,
    SuperExpr,
    TupleExpr,
)
from mypy.types import Instance, get_proper_type

from nimnet_effects.extraction.operators import Operators
from nimnet_effects.ir import Ignorance
from nimnet_effects.resolution.actuals import NO_ACTUALS
from nimnet_effects.resolution.owners import owners_of


class Accesses(Operators):
    """Notes what accesses call."""

    def _member_expr(self, o: MemberExpr) -> None:
        base = o.expr
        if not isinstance(base, NameExpr):
            self.visit(base)
        if o.kind is None:
            self._accessed(o, "get")

    def _super_expr(self, o: SuperExpr) -> None:
        self._emit(self._resolver.inherited_property(o), NO_ACTUALS, o)

    def _index_expr(self, o: IndexExpr) -> None:
        if o.analyzed is not None:
            return
        self.visit(o.base)
        self.visit(o.index)
        self._operated(o.base, "__getitem__", o, o.index)

    def _operator_assignment_stmt(self, o: OperatorAssignmentStmt) -> None:
        self.visit(o.rvalue)
        self.visit(o.lvalue)
        lvalue = o.lvalue
        self._reassigned(lvalue)
        if isinstance(lvalue, NameExpr):
            self._bound(lvalue.node)
        self._binary(o.op, lvalue, o.rvalue, o, inplace=True)
        if not isinstance(lvalue, NameExpr):
            self._stored(lvalue, visit=False)

    def _del_stmt(self, o: DelStmt) -> None:
        self._deleted(o.expr)

    def _deleted(self, target: Expression) -> None:
        if isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self._deleted(item)
        elif isinstance(target, MemberExpr):
            self.visit(target.expr)
            self._accessed(target, "del")
        elif isinstance(target, IndexExpr):
            self.visit(target.base)
            self.visit(target.index)
            self._operated(target.base, "__delitem__", target, target.index)

    def _stored(self, target: Expression, visit: bool = True) -> None:
        """Something is written to the target."""
        if isinstance(target, NameExpr):
            self._bound(target.node)
            self._reassigned(target)
        elif isinstance(target, MemberExpr):
            if visit:
                self.visit(target.expr)
            self._accessed(target, "set")
        elif isinstance(target, IndexExpr):
            if visit:
                self.visit(target.base)
                self.visit(target.index)
            self._operated(target.base, "__setitem__", target)
            if self._is_starred(target.base):
                self._reassigned(target.base)
        elif isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self._stored(item)
        elif isinstance(target, StarExpr):
            self._stored(target.expr)

    def _accessed(self, o: MemberExpr, access: str) -> None:
        typ = get_proper_type(self._type_of(o.expr))
        if isinstance(typ, Instance):
            targets = self._resolver.property(typ.type, o.name, access)
            if targets:
                self._emit(targets, NO_ACTUALS, o)
            return
        if typ is None:
            return
        owners, complete = owners_of(typ)
        if not complete:
            self._frame.ignorance = Ignorance.ANYTHING
        for info, of_class in owners:
            if not of_class:
                self._emit(self._resolver.property(info, o.name, access), NO_ACTUALS, o)
