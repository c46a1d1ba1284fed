"""Generators and coroutines that are kept or returned: they raise where they run.

Which ones a variable or an attribute has, is what was assigned to it so far. What a function
returns is a part of the function, and whoever runs that has called it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    AssignmentExpr,
    AwaitExpr,
    CallExpr,
    CastExpr,
    ConditionalExpr,
    Context,
    DictExpr,
    DictionaryComprehension,
    Expression,
    GeneratorExpr,
    ListExpr,
    MemberExpr,
    NameExpr,
    ReturnStmt,
    SetExpr,
    TupleExpr,
    Var,
)
from mypy.types import Instance, get_proper_type

from nimnet_effects.extraction.frames import site_of
from nimnet_effects.extraction.iteration import LAZY_PROTOCOLS, Iteration
from nimnet_effects.ir import Ignorance, Part, Raise, With
from nimnet_effects.resolution.actuals import NO_ACTUALS, Actuals
from nimnet_effects.resolution.targets import Lazy, Target, Targets

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World

_TASKS: Final = frozenset(
    (
        "_asyncio.Future",
        "_asyncio.Task",
        "asyncio.futures.Future",
        "asyncio.tasks.Task",
        "concurrent.futures._base.Future",
    )
)
_RUN_LATER: Final = LAZY_PROTOCOLS | _TASKS | {"typing.Awaitable", "typing.Coroutine"}
_RUNNING: Final = frozenset(("__anext__", "__next__", "asend", "athrow", "result", "send", "throw"))
"""Methods of generators, coroutines and tasks that raise what these raise."""
_CLOSING: Final = frozenset(("aclose", "close"))
_STARTING: Final = frozenset(
    (
        "asyncio.base_events.BaseEventLoop.create_task",
        "asyncio.events.AbstractEventLoop.create_task",
        "asyncio.taskgroups.TaskGroup.create_task",
        "asyncio.tasks.create_task",
        "asyncio.tasks.ensure_future",
        "asyncio.tasks.run_coroutine_threadsafe",
    )
)
"""What takes a coroutine and lets it run elsewhere: it raises where that is waited for."""
_COROUTINES: Final = ("coro", "coro_or_future")
"""What those call it."""
_LOOKING: Final = frozenset(
    (
        "builtins.callable",
        "builtins.id",
        "builtins.isinstance",
        "builtins.print",
        "builtins.repr",
        "builtins.type",
        "contextlib.aclosing",
        "contextlib.closing",
    )
)
"""What takes a generator or a coroutine and does not run it."""
_HANDED: Final = frozenset(
    (AssignmentExpr, AwaitExpr, CallExpr, ConditionalExpr, MemberExpr, NameExpr)
)
_DEFERRING: Final = _HANDED | {CastExpr, GeneratorExpr}


class Results(Iteration):
    """Notes what runs where it is used, and not where it is made."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no generator in a variable yet."""
        super().__init__(tree, checker, world, classes)
        self._kept: dict[Var, list[Expression]] = {}

    def _return_stmt(self, o: ReturnStmt) -> None:
        frame = self._frame
        values = [] if o.expr is None or not frame.within else self._deferred(o.expr)
        if values:
            # A manager is entered by whoever gets it, with all that it does for the block.
            values = [each for each in values if not self._is_manager(each)]
            self._postponed.update(values)
        super()._return_stmt(o)
        if values:
            outer = frame.flow
            frame.flow = frame.function.result
            for value in values:
                self._run([value], value)
            frame.flow = outer

    def _items(self, o: ListExpr | SetExpr | TupleExpr) -> None:
        super()._items(o)
        for item in o.items:
            if type(item) in _HANDED:
                self._handed_over(item)

    def _generator_expr(self, o: GeneratorExpr) -> None:
        super()._generator_expr(o)
        if o not in self._postponed:
            self._handed_over(o.left_expr)

    def _dict_expr(self, o: DictExpr) -> None:
        super()._dict_expr(o)
        for _, value in o.items:
            self._handed_over(value)

    def _dictionary_comprehension(self, o: DictionaryComprehension) -> None:
        super()._dictionary_comprehension(o)
        self._handed_over(o.value)

    def _keep(self, rvalue: Expression, lvalue: Expression) -> None:
        """A variable or an attribute gets a generator, a coroutine or a manager."""
        if isinstance(lvalue, (TupleExpr, ListExpr)):
            if isinstance(rvalue, (TupleExpr, ListExpr)) and len(rvalue.items) == len(lvalue.items):
                for value, each in zip(rvalue.items, lvalue.items, strict=True):
                    self._keep(value, each)
            return
        values = self._deferred(rvalue)
        variable = self._variable(lvalue) if values else None
        if variable is not None:
            self._postponed.update(values)
            self._postponed.add(rvalue)
            kept = self._kept.setdefault(variable, [])
            kept += [each for each in values if each not in kept]

    def _deferred(self, o: Expression) -> list[Expression]:
        """What makes the generators and coroutines that an expression may be.

        These are calls of what is one, or of what returns one, and generator expressions.
        """
        if type(o) not in _DEFERRING:
            return []
        if isinstance(o, (NameExpr, MemberExpr)):
            variable = self._variable(o) if self._kept else None
            return [] if variable is None else self._kept.get(variable, [])
        if isinstance(o, GeneratorExpr):
            return [o]
        if isinstance(o, ConditionalExpr):
            return [*self._deferred(o.if_expr), *self._deferred(o.else_expr)]
        if isinstance(o, AssignmentExpr):
            return self._deferred(o.value)
        if isinstance(o, CastExpr):
            return self._deferred(o.expr)
        if isinstance(o, AwaitExpr):
            return [o] if isinstance(o.expr, CallExpr) and self._runs_later(o) else []
        if isinstance(o, CallExpr):
            targets = self._resolver.callee(o.callee)
            coroutine = started(o, targets)
            if coroutine is not None:
                return [o] if self._deferred(coroutine) else []
            if any(target.lazy is not Lazy.NO for target in targets) or self._runs_later(o):
                return [o]
        return []

    def _variable(self, o: Expression) -> Var | None:
        """The variable that an expression names; of an attribute, that of its class."""
        if isinstance(o, NameExpr):
            return o.node if isinstance(o.node, Var) else None
        if isinstance(o, MemberExpr):
            if isinstance(o.node, Var) and not o.node.info:
                return o.node
            typ = get_proper_type(self._type_of(o.expr))
            symbol = typ.type.get(o.name) if isinstance(typ, Instance) else None
            node = None if symbol is None else symbol.node
            return node if isinstance(node, Var) else None
        return None

    def _runs_later(self, o: Expression) -> bool:
        """Whether a value is of a type whose values do something only when they are used."""
        typ = get_proper_type(self._type_of(o))
        return isinstance(typ, Instance) and typ.type.fullname in _RUN_LATER

    def _is_manager(self, o: Expression) -> bool:
        return isinstance(o, CallExpr) and any(
            target.lazy is Lazy.ENTERED for target in self._resolver.callee(o.callee)
        )

    def _consume(self, expression: Expression) -> bool:
        if isinstance(expression, (CallExpr, AwaitExpr)):
            if self._runs_later(expression):
                self._run_result(expression, expression)
            return False
        if isinstance(expression, ConditionalExpr):
            self._consume(expression.if_expr)
            self._consume(expression.else_expr)
            return False
        if isinstance(expression, AssignmentExpr):
            return self._consume(expression.target)
        if not self._kept or not isinstance(expression, (NameExpr, MemberExpr)):
            return self._consume_property(expression)
        variable = self._variable(expression)
        # While it is used it is taken out: a generator may be made of what the variable had before.
        values = None if variable is None else self._kept.pop(variable, None)
        if variable is None or values is None:
            return self._consume_property(expression)
        self._run(values, expression)
        self._kept[variable] = values
        return True

    def _consume_property(self, o: Expression) -> bool:
        """What a property returns is used."""
        if isinstance(o, MemberExpr) and o.kind is None and self._runs_later(o):
            for info, of_class in self._owners(self._type_of(o.expr)):
                self._emit_results(self._resolver.property(info, o.name, "get", of_class), o)
        return False

    def _emit_results(
        self, targets: Targets, place: Context, actuals: Actuals = NO_ACTUALS
    ) -> None:
        for target in targets:
            if target.lazy is Lazy.NO and target.helper is not None:
                self._emit((target,), actuals, place, part=Part.RESULT)

    def _run(self, values: list[Expression], place: Context) -> None:
        """Generators and coroutines run that these make."""
        for value in values:
            if isinstance(value, GeneratorExpr):
                self._postponed.discard(value)
                self._comprehended(value)
                self.visit(value.left_expr)
                self._handed_over(value.left_expr)
                self._postponed.add(value)
                continue
            if isinstance(value, CallExpr):
                targets = self._resolver.callee(value.callee)
                coroutine = started(value, targets)
                if coroutine is not None:
                    self._run(self._deferred(coroutine), place)
                    continue
                for target in targets:
                    if target.lazy is not Lazy.NO:
                        self._apply((target,), Actuals.of(value), place)
            self._run_result(value, place)

    def _run_result(self, value: Expression, place: Context) -> None:
        """What a call returns runs, or what awaiting it gives."""
        if isinstance(value, AwaitExpr) and isinstance(value.expr, CallExpr):
            call = value.expr
            for target in self._resolver.callee(call.callee):
                if target.lazy is Lazy.AWAITED:
                    self._emit((target,), Actuals.of(call), place, part=Part.RESULT)
        elif isinstance(value, CallExpr):
            self._emit_results(self._resolver.callee(value.callee), place, Actuals.of(value))

    def _closed(self, expression: Expression, place: Context) -> None:
        for value in self._deferred(expression):
            if isinstance(value, CallExpr):
                for target in self._generators(value):
                    self._emit((target,), Actuals.of(value), place, part=Part.CLOSING)

    def _generators(self, call: CallExpr) -> list[Target]:
        return [
            target
            for target in self._resolver.callee(call.callee)
            if target.lazy is Lazy.ITERATED and target.helper is not None
        ]

    def _handed_over(self, argument: Expression) -> None:
        """Whatever gets a generator or a coroutine, or takes it out of something, may run it."""
        kind = type(argument)
        if (
            kind in _HANDED
            and (kind is not NameExpr or self._kept)
            and argument not in self._postponed
        ):
            self._consume(argument)

    def _run_by_method(self, o: CallExpr, callee: MemberExpr) -> None:
        """A method of a generator, a coroutine or a task runs it, or closes it."""
        receiver = callee.expr
        if callee.name in _CLOSING:
            self._closed(receiver, o)
        elif callee.name in _RUNNING:
            if (
                not self._consume(receiver)
                and self._runs_later(receiver)
                and not isinstance(receiver, CallExpr)
            ):
                self._frame.ignorance = Ignorance.ANYTHING
            if callee.name in ("athrow", "throw") and o.args:
                self._thrown(o, receiver)

    def _thrown(self, o: CallExpr, receiver: Expression) -> None:
        """What is thrown into a generator comes back, if that does not handle it."""
        classes, known = self._classes.raised(self._type_of(o.args[0]))
        if not known:
            self._frame.ignorance = Ignorance.ANYTHING
        if not classes:
            return
        thrown = Raise(site_of(o), classes)
        calls = [each for each in self._deferred(receiver) if isinstance(each, CallExpr)]
        managers = [target.helper for call in calls for target in self._generators(call)]
        if len(managers) == 1:
            self._frame.flow.append(With([], [thrown], [], manager=managers[0]))
        else:
            self._frame.flow.append(thrown)


def started(o: CallExpr, targets: Targets) -> Expression | None:
    """The coroutine that a call lets run elsewhere, if that is what it does."""
    for target in targets:
        if target.fullname in _STARTING:
            for argument, name in zip(o.args, o.arg_names, strict=True):
                if name is None or name in _COROUTINES:
                    return argument
    return None


def looks(targets: Targets) -> bool:
    """Whether something takes a generator or a coroutine and does not run it."""
    for target in targets:  # noqa: SIM110  # each call asks, and most have one
        if target.fullname in _LOOKING:
            return True
    return False
