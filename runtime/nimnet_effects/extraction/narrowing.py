"""What conditions tell of a caught exception, where it may be raised again.

In `except Exception as error: if isinstance(error, KeyError): raise`, nothing but a KeyError is
raised. mypy narrows variables, but a `raise` alone has none.
"""

from __future__ import annotations

from typing import TypeAlias

from mypy.nodes import (
    AssertStmt,
    Block,
    CallExpr,
    Expression,
    IfStmt,
    MatchStmt,
    NameExpr,
    OpExpr,
    RefExpr,
    UnaryExpr,
)
from mypy.patterns import AsPattern, ClassPattern, OrPattern, Pattern

from nimnet_effects.extraction.frames import Caught
from nimnet_effects.extraction.handlers import Handlers
from nimnet_effects.inference.hierarchy import BASE
from nimnet_effects.ir import Narrowing
from nimnet_effects.leaving import leaves

_Facts: TypeAlias = list[tuple[Caught, Narrowing]]


class Narrowings(Handlers):
    """Notes what is known of what handlers caught."""

    def _block_of(self, o: Block) -> None:
        facts = self._frame.facts
        known = len(facts)
        super()._block_of(o)
        del facts[known:]

    def _if_stmt(self, o: IfStmt) -> None:
        frame = self._frame
        if not frame.handlers:
            super()._if_stmt(o)
            return
        facts = frame.facts
        known = len(facts)
        for condition, body in zip(o.expr, o.body, strict=True):
            self._condition(condition)
            before = len(facts)
            facts += self._facts(condition, True)
            self._block_of(body)
            del facts[before:]
            facts += self._facts(condition, False)
        if o.else_body is not None:
            # What holds at its end, holds behind it.
            super()._block_of(o.else_body)
        if not all(leaves(body.body) for body in o.body):
            del facts[known:]
        if o.else_body is not None and leaves(o.else_body.body) and len(o.expr) == 1:
            facts += self._facts(o.expr[0], True)

    def _assert_stmt(self, o: AssertStmt) -> None:
        super()._assert_stmt(o)
        if self._frame.handlers:
            self._frame.facts += self._facts(o.expr, True)

    def _case(self, o: MatchStmt, index: int) -> None:
        facts = self._frame.facts
        known = len(facts)
        caught = self._handler_of(o.subject)
        if caught is not None:
            classes = self._of_pattern(o.patterns[index])
            if classes is not None:
                facts.append((caught, (classes, True)))
        super()._case(o, index)
        del facts[known:]

    def _facts(self, o: Expression, truth: bool) -> _Facts:
        """What holds of caught exceptions where a condition is true, or where it is not."""
        if isinstance(o, UnaryExpr) and o.op == "not":
            return self._facts(o.expr, not truth)
        if isinstance(o, OpExpr) and o.op in ("and", "or"):
            left, right = self._facts(o.left, truth), self._facts(o.right, truth)
            if truth is (o.op == "and"):
                return left + right
            return _either(left, right)
        if (
            isinstance(o, CallExpr)
            and isinstance(o.callee, RefExpr)
            and o.callee.fullname == "builtins.isinstance"
            and len(o.args) == 2
            and (caught := self._handler_of(o.args[0])) is not None
        ):
            classes, exact = self._asked(o.args[1])
            if classes is not None and (truth or exact):
                return [(caught, (classes, truth))]
        return []

    def _asked(self, o: Expression) -> tuple[tuple[str, ...] | None, bool]:
        """The classes that `isinstance` is asked about, and whether it surely is."""
        if isinstance(o, OpExpr) and o.op == "|":
            left, right = self._asked(o.left), self._asked(o.right)
            if left[0] is None or right[0] is None:
                return None, False
            return left[0] + right[0], left[1] and right[1]
        classes, exact = self._caught(o)
        # What is of a class that is no exception may be of any that is one.
        if not classes or not all(BASE in self._classes.mro(each) for each in classes):
            return None, False
        return classes, exact

    def _handler_of(self, o: Expression) -> Caught | None:
        """The handler whose exception an expression names."""
        if isinstance(o, NameExpr):
            for caught in reversed(self._frame.handlers):
                if caught.variable is not None and caught.variable is o.node:
                    return caught
        return None

    def _of_pattern(self, o: Pattern) -> tuple[str, ...] | None:
        """The classes of which all that a pattern matches is."""
        if isinstance(o, ClassPattern):
            return self._asked(o.class_ref)[0]
        if isinstance(o, AsPattern) and o.pattern is not None:
            return self._of_pattern(o.pattern)
        if isinstance(o, OrPattern):
            found: tuple[str, ...] = ()
            for each in o.patterns:
                classes = self._of_pattern(each)
                if classes is None:
                    return None
                found += classes
            return found
        return None


def _either(left: _Facts, right: _Facts) -> _Facts:
    """What holds if what is known on one of two sides does."""
    if len(left) != 1 or len(right) != 1:
        return []
    (caught, (classes, inside)), (other, (more, also)) = left[0], right[0]
    if caught is not other or not inside or not also:
        return []
    return [(caught, (classes + more, True))]
