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
from nimnet_effects.leaving import leaves, matches_all

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

    def _match_stmt(self, o: MatchStmt) -> None:
        facts = self._frame.facts
        known = len(facts)
        super()._match_stmt(o)
        del facts[known:]
        if self._frame.handlers:
            facts += self._behind_match(o)

    def _case(self, o: MatchStmt, index: int) -> None:
        if not self._frame.handlers:
            super()._case(o, index)
            return
        facts = self._frame.facts
        known = len(facts)
        pattern, guard = o.patterns[index], o.guards[index]
        caught = self._handler_of(o.subject)
        classes = None if caught is None else self._of_pattern(pattern)
        if caught is not None and classes is not None:
            facts.append((caught, (classes, True)))
        if guard is not None:
            facts += self._facts(guard, True)
        super()._case(o, index)
        del facts[known:]
        # In the next cases, this one has not matched.
        if guard is None:
            surely = self._surely_of_pattern(pattern)
            if caught is not None and surely:
                facts.append((caught, (surely, False)))
        elif matches_all(pattern):
            facts += self._facts(guard, False)

    def _behind_match(self, o: MatchStmt) -> _Facts:
        """What holds behind a `match`: an exception came through one of its cases, or through none.

        What a case surely takes, and does not let through, is not there, unless one before it has
        taken some of that and let it through.
        """
        caught = self._handler_of(o.subject)
        if caught is None:
            return []
        facts: _Facts = []
        passed: tuple[str, ...] | None = ()
        for pattern, guard, body in zip(o.patterns, o.guards, o.bodies, strict=True):
            if leaves(body.body):
                gone = () if guard is not None else self._surely_of_pattern(pattern)
                gone = tuple(each for each in gone if not self._among(each, passed))
                if gone:
                    facts.append((caught, (gone, False)))
            else:
                classes = self._of_pattern(pattern)
                passed = None if classes is None or passed is None else passed + classes
            if guard is None and matches_all(pattern):
                if passed:
                    facts.append((caught, (passed, True)))
                break
        return facts

    def _among(self, one: str, others: tuple[str, ...] | None) -> bool:
        """Whether an exception of a class may be one of the others; of None, it may."""
        return others is None or any(
            one in self._classes.mro(other) or other in self._classes.mro(one) for other in others
        )

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

    def _surely_of_pattern(self, o: Pattern) -> tuple[str, ...]:
        """The classes of which a pattern matches all."""
        if isinstance(o, ClassPattern):
            if o.positionals or o.keyword_keys:
                return ()
            classes, exact = self._asked(o.class_ref)
            return classes if classes is not None and exact else ()
        if isinstance(o, AsPattern) and o.pattern is not None:
            return self._surely_of_pattern(o.pattern)
        if isinstance(o, OrPattern):
            return tuple(each for part in o.patterns for each in self._surely_of_pattern(part))
        return (BASE,) if matches_all(o) else ()


def _either(left: _Facts, right: _Facts) -> _Facts:
    """What holds if what is known on one of two sides does."""
    if len(left) != 1 or len(right) != 1:
        return []
    (caught, (classes, inside)), (other, (more, also)) = left[0], right[0]
    if caught is not other or not inside or not also:
        return []
    return [(caught, (classes + more, True))]
