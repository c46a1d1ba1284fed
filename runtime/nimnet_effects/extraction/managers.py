"""`with`: what context managers call, swallow and impose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    ARG_STAR,
    CallExpr,
    Context,
    Expression,
    FuncDef,
    NameExpr,
    RefExpr,
    TypeInfo,
    Var,
    WithStmt,
)
from mypy.types import CallableType, Instance, LiteralType, get_proper_type

from nimnet_effects.extraction.narrowing import Narrowings
from nimnet_effects.extraction.tasks import Group
from nimnet_effects.inference.hierarchy import BASE
from nimnet_effects.ir import Flow, Ignorance, Layer, With
from nimnet_effects.resolution.actuals import NO_ACTUALS
from nimnet_effects.resolution.owners import owners_of
from nimnet_effects.resolution.targets import Lazy, Targets

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World

SWALLOWS_ALL: Final[Layer] = (((BASE,), False),)


class Managers(Narrowings):
    """Notes what `with` statements call."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no class of managers yet."""
        super().__init__(tree, checker, world, classes)
        self._imposing: dict[TypeInfo, tuple[str, ...]] = {}

    def _with_stmt(self, o: WithStmt) -> None:
        self._with(o, 0)

    def _with(self, o: WithStmt, index: int) -> None:
        if index == len(o.expr):
            self.visit(o.body)
            return
        step = With([], [], [])
        manager = o.expr[index]
        step.before = self._collected(lambda: self._enter(manager, step, o.is_async))
        target = o.target[index]
        if target is not None:
            self._stored(target)
            closed = _closing(manager)
            if closed is not None:
                self._keep(closed, target)
        if o.is_async and self._is_group(manager):
            self._with_group(o, index, step)
        else:
            step.body = self._collected(lambda: self._inside(o, index, step))
            self._finished(step)

    def _with_group(self, o: WithStmt, index: int, step: With) -> None:
        """The block of a group of tasks."""
        group = Group(self._frame, [], [])
        named = self._variable(o.target[index] or o.expr[index])
        if named is not None:
            self._groups[named] = group
        step.body = self._collected(lambda: self._inside(o, index, step))
        step.body += group.tasks
        self._ended(group)
        whole = self._collected(lambda: self._finished(step))
        if whole:
            self._frame.flow.append(self._in_a_group(whole, o.expr[index]))

    def _inside(self, o: WithStmt, index: int, step: With) -> None:  # noqa: ARG002  # for stacks
        """What is inside of one of the managers of a statement."""
        self._with(o, index + 1)

    def _finished(self, step: With) -> None:
        frame = self._frame
        if step.layers or step.imposes or step.manager is not None:
            frame.flow.append(step)
        else:
            frame.flow += step.before
            frame.flow += step.body
            frame.flow += step.after

    def _enter(self, manager: Expression, step: With, is_async: bool) -> None:
        closed = _closing(manager)
        if closed is not None:
            self._postponed.update(self._deferred(closed))
        self.visit(manager)
        self._entered(manager, step, is_async)

    def _entered(self, manager: Expression, step: With, is_async: bool) -> None:
        """Note what entering a manager calls, and what its end does, once it is made."""
        typ = self._type_of(manager)
        if typ is None or self._recognized(manager, step):
            return
        begin = "__aenter__" if is_async else "__enter__"
        owners, _ = owners_of(typ)
        for info, _ in owners:
            self._emit(self._resolver.member(info, begin, False), NO_ACTUALS, manager)
            step.imposes = step.imposes or self._imposed_by(info)
        self._left(manager, step, is_async)

    def _recognized(self, manager: Expression, step: With) -> bool:
        """Note what a manager does of which it is known how it was made, if that tells all."""
        made = manager
        if isinstance(manager, NameExpr) and isinstance(manager.node, Var):
            values = self._aliases.get(manager.node, [])
            if len(values) == 1:
                made = values[0]
                self._consume(manager)
        generator = False
        if isinstance(made, CallExpr):
            callee = made.callee
            name = callee.fullname if isinstance(callee, RefExpr) else ""
            if name == "contextlib.suppress":
                step.layers = self._suppressed(made)
                return True
            if name in ("contextlib.closing", "contextlib.aclosing") and made.args:
                close = "close" if name == "contextlib.closing" else "aclose"
                owners, _ = owners_of(self._type_of(made.args[0]))
                for info, of_class in owners:
                    targets = self._resolver.member(info, close, of_class)
                    step.after += self._calls(targets, manager)
                step.after += self._collected(lambda: self._closed(made.args[0], manager))
                return True
            for target in self._resolver.callee(callee):
                for contract in target.contracts:
                    step.imposes += contract.imposes
                if target.lazy is Lazy.ENTERED:
                    generator = True
                    step.manager = target.helper
            step.imposes = tuple(self._classes.canonical(each) for each in step.imposes)
        return generator

    def _imposed_by(self, info: TypeInfo) -> tuple[str, ...]:
        """What managers of a class impose, wherever they come from, as all that makes them says."""
        found = self._imposing.get(info)
        if found is None:
            tree = self._world.modules.get(info.module_name)
            functions = [] if tree is None else [each.node for each in tree.names.values()]
            contracts = [
                contract
                for function in functions
                if isinstance(function, FuncDef) and _made_by(function) is info
                for contract in self._world.contract_of(function.fullname) or ()
            ]
            found = ()
            if contracts and all(contract.imposes for contract in contracts):
                names = [each for contract in contracts for each in contract.imposes]
                found = tuple(dict.fromkeys(map(self._classes.canonical, names)))
            self._imposing[info] = found
        return found

    def _left(self, manager: Expression, step: With, is_async: bool) -> None:
        """Note what leaving a manager calls, and what it swallows."""
        end = "__aexit__" if is_async else "__exit__"
        owners, complete = owners_of(self._type_of(manager))
        if not complete:
            self._frame.ignorance = Ignorance.ANYTHING
        for info, _ in owners:
            left = self._resolver.member(info, end, False)
            step.after += self._calls(left, manager)
            if len(owners) == 1 and len(left) == 1:
                if returns_true(left[0].function):
                    step.layers = (SWALLOWS_ALL,)
                else:
                    step.manager = left[0].helper

    def _suppressed(self, made: CallExpr) -> tuple[Layer, ...]:
        found: dict[str, None] = {}
        for argument, kind in zip(made.args, made.arg_kinds, strict=True):
            if kind is ARG_STAR:
                classes, exact = self._classes.caught(self._type_of(argument))
                if not exact and isinstance(argument, RefExpr):
                    classes, exact = self._caught(argument)
            else:
                classes, exact = self._caught(argument)
            if classes is None:
                self._frame.ignorance = Ignorance.ANYTHING
                return (SWALLOWS_ALL,)
            if exact:
                found.update(dict.fromkeys(classes))
        return (((tuple(found), False),),) if found else ()

    def _calls(self, targets: Targets, place: Context) -> Flow:
        return self._collected(lambda: self._emit(targets, NO_ACTUALS, place))


def returns_true(function: FuncDef | None) -> bool:
    """Whether the function is declared to return nothing but the constant True."""
    typ = None if function is None else get_proper_type(function.type)
    if not isinstance(typ, CallableType):
        return False
    made = get_proper_type(typ.ret_type)
    if isinstance(made, Instance) and made.type.fullname == "typing.Coroutine":
        made = get_proper_type(made.args[2])
    return isinstance(made, LiteralType) and made.value is True


def _made_by(function: FuncDef) -> TypeInfo | None:
    """The class of what a function returns."""
    typ = get_proper_type(function.type)
    made = get_proper_type(typ.ret_type) if isinstance(typ, CallableType) else None
    return made.type if isinstance(made, Instance) else None


def _closing(manager: Expression) -> Expression | None:
    """What `closing(...)` closes."""
    if (
        isinstance(manager, CallExpr)
        and isinstance(manager.callee, RefExpr)
        and manager.callee.fullname in ("contextlib.closing", "contextlib.aclosing")
        and manager.args
    ):
        return manager.args[0]
    return None
