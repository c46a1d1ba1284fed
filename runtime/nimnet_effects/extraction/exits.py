"""What an `__exit__` swallows: of which exceptions its body surely returns something true.

Each expression and block is known by the classes of exceptions for which it surely does one thing
or the other, whatever else may be. What cannot be told is neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, NamedTuple, TypeAlias

from mypy.nodes import (
    ARG_STAR,
    AssignmentStmt,
    Block,
    BreakStmt,
    CallExpr,
    ComparisonExpr,
    ConditionalExpr,
    ContinueStmt,
    Expression,
    ForStmt,
    FuncDef,
    IfStmt,
    IndexExpr,
    IntExpr,
    ListExpr,
    MatchStmt,
    NameExpr,
    OpExpr,
    RaiseStmt,
    RefExpr,
    ReturnStmt,
    SetExpr,
    Statement,
    SymbolNode,
    TryStmt,
    TupleExpr,
    UnaryExpr,
    WhileStmt,
    WithStmt,
)
from mypy.traverser import all_return_statements

from nimnet_effects.inference.hierarchy import BASE
from nimnet_effects.ir import EXACTLY, Layer

Caught: TypeAlias = Callable[[Expression], tuple[tuple[str, ...] | None, bool]]
"""What a handler of an expression catches, and whether it surely does."""
Mro: TypeAlias = Callable[[str], tuple[str, ...]]


class _Some(NamedTuple):
    """The exceptions of a class, without those of others."""

    kind: str
    but: frozenset[str] = frozenset()


_Known: TypeAlias = frozenset[_Some]
_NONE: Final[_Known] = frozenset()
_ALL: Final[_Known] = frozenset((_Some(BASE),))
_MOST: Final = 20
"""So many of them are told apart."""
_KIND, _ERROR, _TRACE = range(3)


class _Truth(NamedTuple):
    """The exceptions for which an expression is surely true, and those for which surely false."""

    true: _Known = _NONE
    false: _Known = _NONE

    @property
    def reversed(self) -> _Truth:
        return _Truth(self.false, self.true)


class _Outcome(NamedTuple):
    """The exceptions for which a block surely returns something true, or surely runs through."""

    swallows: _Known = _NONE
    goes_on: _Known = _NONE


_UNKNOWN: Final = _Truth()
_RUNS_THROUGH: Final = _Outcome(_NONE, _ALL)


def swallowed(function: FuncDef, caught: Caught, mro: Mro) -> Layer:
    """What an `__exit__` or `__aexit__` swallows, and what of that it does not."""
    known = _Exit(function, caught, mro).block(function.body.body).swallows
    found: list[tuple[tuple[str, ...], bool]] = []
    for kind, but in sorted(known, key=lambda each: (len(each.but), each.kind)):
        if but:
            found.append((tuple(sorted(but)), True))
        found.append(((kind,), False))
    return tuple(found)


class _Exit:
    """Reads one of these functions."""

    def __init__(self, function: FuncDef, caught: Caught, mro: Mro) -> None:
        self._caught = caught
        self._mro = mro
        self._parameters: dict[SymbolNode, int] = {}
        self._rest: tuple[SymbolNode, int] | None = None
        for place, argument in enumerate(function.arguments[1:]):
            if argument.kind is ARG_STAR:
                self._rest = argument.variable, place
                break
            self._parameters[argument.variable] = place
        self._locals: dict[SymbolNode, _Truth] = {}

    # Blocks

    def block(self, statements: Sequence[Statement]) -> _Outcome:
        swallows, here = _NONE, _ALL
        for statement in statements:
            outcome = self._statement(statement)
            swallows = self._any(swallows, self._both(here, outcome.swallows))
            here = self._both(here, outcome.goes_on)
            if not here:
                break
        return _Outcome(swallows, here)

    def _statement(self, statement: Statement) -> _Outcome:
        if isinstance(statement, ReturnStmt):
            return _Outcome(self._truth(statement.expr).true if statement.expr else _NONE)
        if isinstance(statement, (RaiseStmt, BreakStmt, ContinueStmt)):
            return _Outcome()
        if isinstance(statement, Block):
            return self.block(statement.body)
        if isinstance(statement, IfStmt):
            outcome = self.block(statement.else_body.body if statement.else_body else ())
            for condition, body in zip(statement.expr, statement.body, strict=True):
                outcome = self._either(self._truth(condition), self.block(body.body), outcome)
            return outcome
        if isinstance(statement, WithStmt):
            return self._with(statement)
        if isinstance(statement, TryStmt):
            return self._try(statement)
        if isinstance(statement, (ForStmt, WhileStmt, MatchStmt)):
            return _Outcome() if all_return_statements(statement) else _RUNS_THROUGH
        if isinstance(statement, AssignmentStmt):
            self._assigned(statement)
        return _RUNS_THROUGH

    def _with(self, statement: WithStmt) -> _Outcome:
        for manager in statement.expr:
            if isinstance(manager, CallExpr) and _name(manager.callee) == "contextlib.suppress":
                # What it swallows runs through instead of returning.
                return _Outcome() if all_return_statements(statement.body) else _RUNS_THROUGH
        return self.block(statement.body.body)

    def _try(self, statement: TryStmt) -> _Outcome:
        otherwise = statement.else_body.body if statement.else_body else []
        outcome = self.block([*statement.body.body, *otherwise])
        for handler in statement.handlers:
            other = self.block(handler.body)
            outcome = _Outcome(
                self._both(outcome.swallows, other.swallows),
                self._both(outcome.goes_on, other.goes_on),
            )
        if statement.finally_body is None:
            return outcome
        last = self.block(statement.finally_body.body)
        return _Outcome(
            self._any(last.swallows, self._both(last.goes_on, outcome.swallows)),
            self._both(last.goes_on, outcome.goes_on),
        )

    def _assigned(self, statement: AssignmentStmt) -> None:
        for target in statement.lvalues:
            node = target.node if isinstance(target, NameExpr) else None
            if node is None:
                continue
            self._parameters.pop(node, None)
            if self._rest is not None and node is self._rest[0]:
                self._rest = None
            known = node in self._locals
            self._locals[node] = _UNKNOWN if known else self._truth(statement.rvalue)

    # Expressions

    def _truth(self, expression: Expression) -> _Truth:
        if isinstance(expression, NameExpr):
            return self._named(expression)
        if isinstance(expression, IndexExpr):
            return _UNKNOWN if self._place(expression) is None else _Truth(_ALL)
        if isinstance(expression, UnaryExpr):
            return self._truth(expression.expr).reversed if expression.op == "not" else _UNKNOWN
        if isinstance(expression, OpExpr):
            return self._operated(expression)
        if isinstance(expression, ConditionalExpr):
            return self._chosen(expression)
        if isinstance(expression, ComparisonExpr):
            return self._compared(expression)
        if isinstance(expression, CallExpr):
            return self._called(expression)
        return _UNKNOWN

    def _named(self, expression: NameExpr) -> _Truth:
        if expression.fullname == "builtins.True":
            return _Truth(_ALL)
        if expression.fullname in ("builtins.False", "builtins.None"):
            return _Truth(_NONE, _ALL)
        if expression.node is not None and expression.node in self._locals:
            return self._locals[expression.node]
        return _UNKNOWN if self._place(expression) is None else _Truth(_ALL)

    def _operated(self, expression: OpExpr) -> _Truth:
        if expression.op not in ("and", "or"):
            return _UNKNOWN
        left, right = self._truth(expression.left), self._truth(expression.right)
        if expression.op == "and":
            return _Truth(self._both(left.true, right.true), self._any(left.false, right.false))
        return _Truth(self._any(left.true, right.true), self._both(left.false, right.false))

    def _chosen(self, expression: ConditionalExpr) -> _Truth:
        condition = self._truth(expression.cond)
        one, other = self._truth(expression.if_expr), self._truth(expression.else_expr)
        return _Truth(
            self._choice(condition, one.true, other.true),
            self._choice(condition, one.false, other.false),
        )

    def _compared(self, expression: ComparisonExpr) -> _Truth:
        if len(expression.operators) != 1:
            return _UNKNOWN
        (op,), (left, right) = expression.operators, expression.operands
        if op in ("is", "is not", "==", "!="):
            found = self._same(left, right) or self._same(right, left) or _UNKNOWN
            return found if op in ("is", "==") else found.reversed
        if op in ("in", "not in") and self._place(left) == _KIND:
            listed = right.items if isinstance(right, (TupleExpr, ListExpr, SetExpr)) else []
            found = self._exactly(listed)
            return found if op == "in" else found.reversed
        return _UNKNOWN

    def _same(self, argument: Expression, other: Expression) -> _Truth | None:
        """Whether one of the arguments is something else; None for what is none of them."""
        place = self._place(argument)
        if place is None:
            return None
        if _name(other) == "builtins.None":
            return _Truth(_NONE, _ALL)
        return self._exactly([other]) if place == _KIND else _UNKNOWN

    def _called(self, expression: CallExpr) -> _Truth:
        name, arguments = _name(expression.callee), expression.args
        if name == "builtins.bool" and len(arguments) == 1:
            return self._truth(arguments[0])
        wanted = {"builtins.issubclass": _KIND, "builtins.isinstance": _ERROR}.get(name)
        if wanted is None or len(arguments) != 2 or self._place(arguments[0]) != wanted:
            return _UNKNOWN
        classes, exact = self._caught(arguments[1])
        return _of(classes, complete=True) if classes is not None and exact else _UNKNOWN

    def _exactly(self, expressions: Iterable[Expression]) -> _Truth:
        """Whether an exception is of one of the classes, and of none of their subclasses."""
        found: list[str] = []
        complete = True
        for expression in expressions:
            classes, exact = self._caught(expression)
            if classes is not None and exact and len(classes) == 1:
                found.append(f"{EXACTLY}{classes[0]}")
            else:
                complete = False
        return _of(found, complete)

    def _place(self, expression: Expression) -> int | None:
        """Which of the three arguments an expression is: the class, the exception, the trace."""
        if isinstance(expression, NameExpr) and expression.node is not None:
            return self._parameters.get(expression.node)
        if (
            isinstance(expression, IndexExpr)
            and self._rest is not None
            and isinstance(expression.base, NameExpr)
            and expression.base.node is self._rest[0]
            and isinstance(expression.index, IntExpr)
        ):
            return self._rest[1] + expression.index.value
        if isinstance(expression, CallExpr) and _name(expression.callee) == "builtins.type":
            of_error = [self._place(each) for each in expression.args] == [_ERROR]
            return _KIND if of_error else None
        return None

    # Sets of exceptions

    def _either(self, condition: _Truth, one: _Outcome, other: _Outcome) -> _Outcome:
        return _Outcome(
            self._choice(condition, one.swallows, other.swallows),
            self._choice(condition, one.goes_on, other.goes_on),
        )

    def _choice(self, condition: _Truth, one: _Known, other: _Known) -> _Known:
        """What is in one of the sets, if the condition is true, or in the other, if it is not."""
        return self._any(
            self._both(condition.true, one),
            self._both(condition.false, other),
            self._both(one, other),
        )

    def _any(self, *sets: _Known) -> _Known:
        """What is in one of the sets."""
        found = frozenset[_Some]().union(*sets)
        wide = frozenset(
            one
            for one in found
            if not any(
                one != other and self._within(one.kind, other.kind) and other.but <= one.but
                for other in found
            )
        )
        return wide if len(wide) <= _MOST else _NONE

    def _both(self, one: _Known, other: _Known) -> _Known:
        """What is in each of two sets."""
        found: set[_Some] = set()
        for some in one:
            for more in other:
                if self._within(some.kind, more.kind):
                    found.add(_Some(some.kind, self._inside(some.kind, some.but | more.but)))
                elif self._within(more.kind, some.kind):
                    found.add(_Some(more.kind, self._inside(more.kind, some.but | more.but)))
        return self._any(
            frozenset(some for some in found if not self._empty(some)),
        )

    def _inside(self, kind: str, others: Iterable[str]) -> frozenset[str]:
        """Those of the others that can be of a class."""
        return frozenset(
            other for other in others if self._within(other, kind) or self._within(kind, other)
        )

    def _empty(self, some: _Some) -> bool:
        return any(self._within(some.kind, other) for other in some.but)

    def _within(self, one: str, other: str) -> bool:
        return one == other or other in self._mro(one.removeprefix(EXACTLY))


def _of(classes: Sequence[str], complete: bool) -> _Truth:
    """True of the classes; false of all others, if these are all."""
    others = frozenset((_Some(BASE, frozenset(classes)),)) if complete else _NONE
    return _Truth(frozenset(_Some(each) for each in classes), others)


def _name(expression: Expression) -> str:
    return expression.fullname if isinstance(expression, RefExpr) else ""
