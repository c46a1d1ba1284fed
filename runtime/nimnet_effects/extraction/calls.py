"""Calls in the source: of what, with what, and whether anybody takes what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_NAMED,
    ARG_POS,
    ARG_STAR,
    ARG_STAR2,
    CallExpr,
    DictExpr,
    Expression,
    ExpressionStmt,
    LambdaExpr,
    MemberExpr,
    NameExpr,
    RefExpr,
    SuperExpr,
    TempNode,
)
from mypy.types import CallableType, TupleType, TypedDictType, UnpackType, get_proper_type

from nimnet_effects import spelling
from nimnet_effects.decorating import COPIES
from nimnet_effects.extraction.collecting import GATHER, Collecting
from nimnet_effects.extraction.results import looks, started
from nimnet_effects.resolution.actuals import Actuals
from nimnet_effects.resolution.resolver import PARTIAL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nimnet_effects.resolution.targets import Targets

_CHANGES: Final = frozenset(("setdefault", "update", "__setitem__"))
"""Methods of a dictionary that put something into it."""


class Calls(Collecting):
    """Notes what calls call."""

    def _call_expr(self, o: CallExpr) -> None:
        self._call(o, dropped=o in self._postponed)

    def _expression_stmt(self, o: ExpressionStmt) -> None:
        expression = o.expr
        if isinstance(expression, CallExpr):
            # A generator or coroutine that nobody takes never runs.
            self._call(expression, dropped=True)
        else:
            self.visit(expression)

    def _call(self, o: CallExpr, dropped: bool) -> None:
        callee = o.callee
        if isinstance(o.analyzed, DictExpr):
            self.visit(o.analyzed)  # `dict(name=value)`
            return
        if o.analyzed is not None:
            for argument in o.args:
                self.visit(argument)
            return
        if isinstance(callee, MemberExpr):
            if not isinstance(callee.expr, NameExpr):
                self.visit(callee.expr)
            if callee.kind is None:
                self._accessed(callee, "get")
        elif not isinstance(callee, (NameExpr, SuperExpr, LambdaExpr)):
            self.visit(callee)
        if self._type_of(o) is None:
            # Not reached, which mypy knows of each expression by itself.
            for argument in o.args:
                self.visit(argument)
            return
        typ = self._type_of(callee)
        if not isinstance(typ, CallableType):
            fault = spelling.applied(o, typ)
            if fault is not None:
                self.unreadable.append(fault)
        partials = self._resolver.partials(callee)
        ways: Sequence[tuple[Targets, Actuals]]
        if partials:
            ways = self._ways(o, partials)
            targets = tuple([target for called, _ in ways for target in called])
        else:
            if isinstance(callee, RefExpr) and callee.fullname == PARTIAL:
                for argument in o.args:
                    self.visit(argument)
                first = Actuals([], [], []).after(o)
                self._expect_arguments(self._type_of(o.args[0]) if o.args else None, first)
                return
            targets = self._resolver.callee(callee)
            actuals = Actuals(o.args, o.arg_kinds, o.arg_names)
            if o.args:
                self._expect_arguments(typ, actuals)
            ways = ((targets, actuals),)
        coroutine = self._visit_arguments(o, targets) if o.args else None
        for called, actuals in ways:
            if ARG_STAR in actuals.kinds or ARG_STAR2 in actuals.kinds:
                actuals = self._spread(actuals)
            self._apply(called, actuals, o, dropped)
        if coroutine is not None:
            self._started(o, coroutine, targets, dropped=dropped)
        if isinstance(callee, MemberExpr):
            self._run_by_method(o, callee)
            if len(o.args) == 1:
                self._fill(callee, o.args[0])
            changed = callee.expr
            if callee.name in _CHANGES and self._is_starred(changed):
                self._reassigned(changed)
        elif self._resolver.given and isinstance(callee, RefExpr) and callee.fullname in COPIES:
            self._resolver.found_given.update(o.args)

    def _visit_arguments(self, o: CallExpr, targets: Targets) -> Expression | None:
        """What a call gives is evaluated, and may run there what has been put off so far.

        Returns:
            The coroutine among it that the call lets run elsewhere.
        """
        coroutine = started(o, targets)
        if coroutine is not None:
            self._postponed.add(coroutine)
            self._postponed.update(self._deferred(coroutine))
        elif len(targets) == 1 and targets[0].fullname == GATHER:
            self._collect(o)
        untouched = looks(targets)
        visits = self._visits
        for argument, kind in zip(o.args, o.arg_kinds, strict=True):
            visit = visits.get(type(argument))
            if visit is not None:
                visit(argument)
            if kind is ARG_STAR:
                self._iterated(argument, False)
            elif kind is ARG_STAR2:
                self._unpacked(argument)
            elif not untouched:
                self._handed_over(argument)
        return coroutine

    def _ways(self, o: CallExpr, partials: list[CallExpr]) -> list[tuple[Targets, Actuals]]:
        """What a call may call that may be one of partials, each with all of its arguments."""
        ways: list[tuple[Targets, Actuals]] = []
        for partial in partials:
            actuals = Actuals.of(o).after(partial)
            self._expect_arguments(self._type_of(partial.args[0]), actuals)
            ways.append((self._resolver.callee(partial.args[0]), actuals))
        if isinstance(o.callee, NameExpr):
            every = self._resolver.callee(o.callee)
            others = tuple([each for each in every if each.fullname != f"{PARTIAL}.__call__"])
            ways.append((others, Actuals.of(o)))
        return ways

    def _spread(self, actuals: Actuals) -> Actuals:
        """The arguments, with one by one what a tuple or a typed dictionary is known to give."""
        found = Actuals([], [], [])
        for argument, kind, name in zip(
            actuals.arguments, actuals.kinds, actuals.names, strict=True
        ):
            typ = get_proper_type(self._type_of(argument))
            if (
                kind is ARG_STAR
                and isinstance(typ, TupleType)
                and not any(isinstance(item, UnpackType) for item in typ.items)
            ):
                for item in typ.items:
                    found.add(TempNode(item), ARG_POS, None)
            elif kind is ARG_STAR2 and isinstance(typ, TypedDictType):
                for key, item in typ.items.items():
                    found.add(TempNode(item), ARG_NAMED, key)
            else:
                found.add(argument, kind, name)
        return found
