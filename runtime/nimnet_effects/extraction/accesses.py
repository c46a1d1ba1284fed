"""Attributes, subscripts and targets of assignments: what is read, written and deleted."""

from __future__ import annotations

from mypy.nodes import (
    ARG_POS,
    DelStmt,
    Expression,
    IndexExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OperatorAssignmentStmt,
    SliceExpr,
    StarExpr,
    SuperExpr,
    TupleExpr,
    TypeInfo,
)
from mypy.types import Instance, get_proper_type

from nimnet_effects.extraction.operators import Operators
from nimnet_effects.extraction.specials import HASH, INDEX
from nimnet_effects.ir import Ignorance
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals


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
        self._subscripted("get", o, o.index)

    def _operator_assignment_stmt(self, o: OperatorAssignmentStmt) -> None:
        self.visit(o.rvalue)
        self.visit(o.lvalue)
        lvalue = o.lvalue
        self._reassigned(lvalue)
        if isinstance(lvalue, NameExpr):
            self._bound(lvalue.node)
        self._binary(o.op, lvalue, o.rvalue, o, inplace=True)
        self._expect_added(o.op, lvalue, o.rvalue)
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
            self._subscripted("del", target, target.index)

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
            self._subscripted("set", target, None)
            if self._is_starred(target.base):
                self._reassigned(target.base)
        elif isinstance(target, (TupleExpr, ListExpr)):
            for item in target.items:
                self._stored(item)
        elif isinstance(target, StarExpr):
            self._stored(target.expr)

    def _subscripted(self, access: str, o: IndexExpr, index: Expression | None) -> None:
        """What stands before brackets is asked for an item, or given one, or loses it."""
        typ = get_proper_type(self._operand_type(o.base))
        for info, of_class in self._owners(typ):
            self._frame.ignorance = max(self._frame.ignorance, Ignorance.COMPUTATION)
            target = self._resolver.special(info, (f"__{access}item__",), of_class)
            if target is None:
                continue
            if not target.silent:
                self._emit((target,), _of_item(index), o)
            if target.module == "builtins":
                self._indexed(info, access, o)

    def _indexed(self, info: TypeInfo, access: str, o: IndexExpr) -> None:
        """What a container of Python's asks of an index."""
        if info.has_base("builtins.dict"):
            self._called_on(self._type_of(o.index), HASH, o)
            missing = self._resolver.special(info, ("__missing__",), False)
            if access == "get" and missing is not None and not missing.silent:
                self._emit((missing,), _of_item(o.index), o)
            return
        index = o.index
        parts = (
            (index.begin_index, index.end_index, index.stride)
            if isinstance(index, SliceExpr)
            else (index,)
        )
        for part in parts:
            if part is not None:
                self._called_on(self._type_of(part), INDEX, o)

    def _accessed(self, o: MemberExpr, access: str) -> None:
        typ = self._type_of(o.expr)
        owners = ((typ.type, False),) if type(typ) is Instance else self._owners(typ)
        for info, of_class in owners:
            targets = self._resolver.property(info, o.name, access, of_class)
            if targets:
                self._emit(targets, NO_ACTUALS, o)


def _of_item(index: Expression | None) -> Actuals:
    return NO_ACTUALS if index is None else Actuals([index], [ARG_POS], [None])
