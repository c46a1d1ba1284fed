"""`gather(..., return_exceptions=True)`: what coroutines raise is returned, and not raised.

A container of coroutines counts where they are put into it, since whoever takes them out may run
them. If all that a function does with it is to have them collected, that is taken back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_NAMED,
    ARG_STAR,
    CallExpr,
    ConditionalExpr,
    Expression,
    ExpressionStmt,
    ForStmt,
    FuncItem,
    GeneratorExpr,
    ListComprehension,
    ListExpr,
    MemberExpr,
    NameExpr,
    SetComprehension,
    SetExpr,
    StarExpr,
    TupleExpr,
    Var,
)
from mypy.traverser import NameAndMemberCollector

from nimnet_effects.extraction.frames import Frame, site_of
from nimnet_effects.extraction.results import started
from nimnet_effects.extraction.tasks import Tasks
from nimnet_effects.inference.walking import walk
from nimnet_effects.ir import Call, Part, Site
from nimnet_effects.resolution.targets import Lazy

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World

GATHER: Final = "asyncio.tasks.gather"
_FILLING: Final = frozenset(("add", "append"))


class Collecting(Tasks):
    """Notes what is collected."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no container yet."""
        super().__init__(tree, checker, world, classes)
        # How often a container is mentioned where nothing runs what is in it.
        self._passed: dict[Var, int] = {}
        self._filled: dict[Var, list[Expression]] = {}

    def _for_stmt(self, o: ForStmt) -> None:
        if isinstance(o.expr, NameExpr) and len(o.body.body) == 1 and _cancels(o):
            self._pass(o.expr)
        super()._for_stmt(o)

    def _pass(self, o: Expression) -> Var | None:
        """A container is mentioned, and nothing runs what is in it."""
        if isinstance(o, NameExpr) and isinstance(o.node, Var):
            self._passed[o.node] = self._passed.get(o.node, 0) + 1
            return o.node
        return None

    def _fill(self, callee: MemberExpr, argument: Expression) -> None:
        """A method is called that may put something into a container."""
        if callee.name in _FILLING:
            variable = self._pass(callee.expr)
            if variable is not None:
                self._filled.setdefault(variable, []).append(argument)

    def _collect(self, o: CallExpr) -> None:
        """Postpone what is given to `gather`, if that returns what it raises."""
        if not any(
            kind is ARG_NAMED and name == "return_exceptions" and self._literals(each) == ("True",)
            for each, kind, name in zip(o.args, o.arg_kinds, o.arg_names, strict=True)
        ):
            return
        for argument, kind in zip(o.args, o.arg_kinds, strict=True):
            if kind is ARG_STAR:
                variable = self._pass(argument)
                if variable is not None:
                    self._frame.collected.append(variable)
            for value in _items_of(argument) if kind is ARG_STAR else [argument]:
                self._postponed.add(value)
                self._postponed.update(self._deferred(value))

    def _settle(self, frame: Frame, bodies: Sequence[FuncItem]) -> None:
        """Take back what containers raise that a function has done nothing with but collect."""
        collector = NameAndMemberCollector()
        for body in bodies:
            body.accept(collector)
        mentioned = [each.node for each in collector.name_exprs]
        gone: set[tuple[Site, Part]] = set()
        for variable in frame.collected:
            values = self._aliases.get(variable, [])
            if mentioned.count(variable) == self._passed[variable] + len(values):
                for item in self._filled.get(variable, []):
                    gone.update(self._runs_of(item))
                for value in values:
                    for item in _items_of(value):
                        gone.update(self._runs_of(item))
        for step in walk(frame.function.flow):
            if isinstance(step, Call) and (step.site, step.part) in gone:
                step.known, step.helper = (), None

    def _runs_of(self, item: Expression) -> Iterator[tuple[Site, Part]]:
        """Where the flow has it that something in a container runs."""
        values = [item] if isinstance(item, NameExpr) else self._deferred(item)
        for value in values:
            yield site_of(value), Part.RESULT
            if isinstance(value, CallExpr):
                targets = self._resolver.callee(value.callee)
                lazy = any(target.lazy is not Lazy.NO for target in targets)
                if not lazy and started(value, targets) is None:
                    continue  # making it may raise
            yield site_of(value), Part.BODY


def _items_of(o: Expression) -> list[Expression]:
    """The expressions whose values iterating over another one gives, if they can be seen."""
    if isinstance(o, GeneratorExpr):
        return [o.left_expr]
    if isinstance(o, (ListComprehension, SetComprehension)):
        return [o.generator.left_expr]
    if isinstance(o, ConditionalExpr):
        return [*_items_of(o.if_expr), *_items_of(o.else_expr)]
    if isinstance(o, (ListExpr, SetExpr, TupleExpr)):
        found: list[Expression] = []
        for item in o.items:
            found += _items_of(item.expr) if isinstance(item, StarExpr) else [item]
        return found
    return []


def _cancels(o: ForStmt) -> bool:
    """Whether a loop cancels tasks, and does nothing else."""
    statement = o.body.body[0]
    call = statement.expr if isinstance(statement, ExpressionStmt) else None
    callee = call.callee if isinstance(call, CallExpr) else None
    return (
        isinstance(callee, MemberExpr)
        and callee.name == "cancel"
        and isinstance(callee.expr, NameExpr)
        and isinstance(o.index, NameExpr)
        and callee.expr.node is o.index.node
    )
