"""What variables get: functions under other names, and what runs only when they are used."""

from __future__ import annotations

from mypy.nodes import (
    AssignmentExpr,
    AssignmentStmt,
    CallExpr,
    ClassDef,
    Decorator,
    Expression,
    ForStmt,
    FuncDef,
    IndexExpr,
    LambdaExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    OverloadedFuncDef,
    RefExpr,
    SetExpr,
    StarExpr,
    TupleExpr,
    Var,
)

from nimnet_effects.extraction.calls import Calls


class Assignments(Calls):
    """Notes what is assigned, and to what."""

    def _assignment_stmt(self, o: AssignmentStmt) -> None:
        rvalue = o.rvalue
        if self._frame.within:
            self._note_aliases(o)
        for lvalue in o.lvalues:
            self._keep(rvalue, lvalue)
        self.visit(rvalue)
        for lvalue in o.lvalues:
            self._assigned(lvalue, rvalue)
            if isinstance(lvalue, NameExpr):
                self._bound(lvalue.node)
            else:
                self._stored(lvalue)
                if isinstance(lvalue, (TupleExpr, ListExpr)):
                    self._iterated(rvalue, False)

    def _for_stmt(self, o: ForStmt) -> None:
        if self._frame.within and isinstance(o.expr, (ListExpr, SetExpr, TupleExpr)):
            for item in o.expr.items:
                self._note_alias(o.index, item)
        super()._for_stmt(o)

    def _assigned(self, lvalue: Expression, rvalue: Expression) -> None:
        """What is assigned is taken for what the target may hold."""
        if isinstance(lvalue, (NameExpr, MemberExpr)):
            self._expect(rvalue, self._type_of(lvalue))
        elif isinstance(lvalue, IndexExpr):
            self._expect_item(lvalue.base, lvalue.index, rvalue)
        elif isinstance(lvalue, (TupleExpr, ListExpr)) and isinstance(rvalue, TupleExpr):
            for each, value in zip(lvalue.items, rvalue.items, strict=False):
                self._assigned(each, value)

    def _assignment_expr(self, o: AssignmentExpr) -> None:
        self._stored(o.target)
        if isinstance(o.target.node, Var) and o.target.node not in self._frame.parameters:
            self._aliases.setdefault(o.target.node, []).append(o.value)
        self._keep(o.value, o.target)
        self.visit(o.value)

    def _note_aliases(self, o: AssignmentStmt) -> None:
        for lvalue in o.lvalues:
            self._note_alias(lvalue, o.rvalue)

    def _note_alias(self, lvalue: Expression, rvalue: Expression) -> None:
        """A variable may be another name of a function, each of those in a tuple as well."""
        if isinstance(lvalue, (TupleExpr, ListExpr)):
            if isinstance(rvalue, (TupleExpr, ListExpr)) and not any(
                isinstance(each, StarExpr) for each in (*lvalue.items, *rvalue.items)
            ):
                for target, value in zip(lvalue.items, rvalue.items, strict=False):
                    self._note_alias(target, value)
        elif isinstance(lvalue, NameExpr) and isinstance(lvalue.node, Var):
            if self._reassigned(lvalue, self._leaves(rvalue)):
                return
            values = self._aliases.setdefault(lvalue.node, [])
            if rvalue not in values:
                values.append(rvalue)

    def _note_attributes(self, o: ClassDef) -> None:
        """Functions that a class has under names of its own."""
        for statement in o.defs.body:
            if isinstance(statement, AssignmentStmt) and _is_function(statement.rvalue):
                for lvalue in statement.lvalues:
                    if isinstance(lvalue, NameExpr) and isinstance(lvalue.node, Var):
                        values = self._aliases.setdefault(lvalue.node, [])
                        if statement.rvalue not in values:
                            values.append(statement.rvalue)
            elif isinstance(statement, ClassDef):
                self._note_attributes(statement)


def _is_function(expression: Expression) -> bool:
    if isinstance(expression, CallExpr):
        maker = expression.callee
        return (
            isinstance(maker, RefExpr)
            and maker.fullname == "functools.partialmethod"
            and bool(expression.args)
            and _is_function(expression.args[0])
        )
    return isinstance(expression, LambdaExpr) or (
        isinstance(expression, RefExpr)
        and isinstance(expression.node, (FuncDef, OverloadedFuncDef, Decorator))
    )
