"""`ExitStack`: what is entered, pushed and called back inside of its `with` block.

What is entered by a statement of the block itself holds for the rest of the block, as if that stood
in a `with` of its own. What is entered deeper, in a loop or under a condition, swallows nothing for
sure: of that, only what it does at the end of the block is noted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.nodes import (
    AssignmentStmt,
    AwaitExpr,
    CallExpr,
    Expression,
    ExpressionStmt,
    MemberExpr,
    NameExpr,
    Statement,
    Var,
    WithStmt,
)
from mypy.types import FunctionLike, Instance, get_proper_type

from nimnet_effects.extraction.frames import Frame
from nimnet_effects.extraction.managers import Managers
from nimnet_effects.ir import With
from nimnet_effects.resolution.actuals import Actuals
from nimnet_effects.resolution.targets import Lazy

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World

_STACKS: Final = frozenset(("contextlib.ExitStack", "contextlib.AsyncExitStack"))


class _Stack(NamedTuple):
    """A stack inside of whose block the walk is."""

    frame: Frame
    step: With


class Stacks(Managers):
    """Notes what stacks do."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no stack."""
        super().__init__(tree, checker, world, classes)
        self._stacks: dict[Var, _Stack] = {}
        # The call of a stack's that stands in its block itself, with what it is noted in.
        self._direct: tuple[CallExpr, With] | None = None
        self._methods: Final[dict[str, Callable[[CallExpr, With], None]]] = {
            "enter_context": self._enter_context,
            "enter_async_context": self._enter_async_context,
            "push": self._push,
            "push_async_exit": self._push_async_exit,
            "callback": self._callback,
            "push_async_callback": self._callback,
        }

    def _inside(self, o: WithStmt, index: int, step: With) -> None:
        target = o.target[index]
        variable = target.node if isinstance(target, NameExpr) else None
        if not isinstance(variable, Var) or not self._is_stack(o.expr[index]):
            super()._inside(o, index, step)
            return
        outer = self._stacks.get(variable)
        self._stacks[variable] = _Stack(self._frame, step)
        if index + 1 == len(o.expr):
            self._statements(o.body.body, variable)
        else:
            super()._inside(o, index, step)
        del self._stacks[variable]
        if outer is not None:
            self._stacks[variable] = outer

    def _statements(self, statements: Sequence[Statement], stack: Var) -> None:
        for index, statement in enumerate(statements):
            call = _call_in(statement)
            if call is not None and self._stack_of(call) is stack:
                self._followed(statement, call, statements[index + 1 :], stack)
                return
            self.visit(statement)

    def _followed(
        self, statement: Statement, call: CallExpr, rest: Sequence[Statement], stack: Var
    ) -> None:
        """A call of the stack's, and the rest of the block, for which it holds."""
        step = With([], [], [])
        self._direct = call, step
        step.before = self._collected(lambda: self.visit(statement))
        self._direct = None
        step.body = self._collected(lambda: self._statements(rest, stack))
        self._finished(step)

    def _call(self, o: CallExpr, dropped: bool) -> None:
        super()._call(o, dropped)
        callee = o.callee
        if not isinstance(callee, MemberExpr) or callee.name not in self._methods or not o.args:
            return
        if self._type_of(o) is None or not self._is_stack(callee.expr):
            return
        note = self._methods[callee.name]
        if self._direct is not None and self._direct[0] is o:
            note(o, self._direct[1])
            return
        variable = self._stack_of(o)
        step = With([], [], [])
        note(o, step)
        if variable is not None:
            self._at_the_end(o, step, self._stacks[variable].step)

    def _at_the_end(self, o: CallExpr, step: With, of_stack: With) -> None:
        """What an inner block has entered ends with that of the stack, if it has been entered."""
        of_stack.after += step.after
        of_stack.imposes += step.imposes
        made = o.args[0]
        if step.manager is not None and not step.after and isinstance(made, CallExpr):
            targets = self._resolver.callee(made.callee)
            if any(target.lazy is Lazy.ENTERED for target in targets):
                of_stack.after += self._collected(
                    lambda: self._emit(targets, Actuals.of(made), made)
                )

    def _stack_of(self, call: CallExpr) -> Var | None:
        """The stack of a block around a call that is one of its methods'."""
        callee = call.callee
        if not isinstance(callee, MemberExpr) or callee.name not in self._methods or not call.args:
            return None
        node = callee.expr.node if isinstance(callee.expr, NameExpr) else None
        if not isinstance(node, Var) or node not in self._stacks:
            return None
        return node if self._stacks[node].frame is self._frame else None

    def _is_stack(self, expression: Expression) -> bool:
        typ = get_proper_type(self._type_of(expression))
        return isinstance(typ, Instance) and any(base.fullname in _STACKS for base in typ.type.mro)

    # The methods

    def _enter_context(self, o: CallExpr, step: With) -> None:
        self._entered(o.args[0], step, is_async=False)

    def _enter_async_context(self, o: CallExpr, step: With) -> None:
        self._entered(o.args[0], step, is_async=True)

    def _push(self, o: CallExpr, step: With) -> None:
        self._pushed(o.args[0], step, is_async=False)

    def _push_async_exit(self, o: CallExpr, step: With) -> None:
        self._pushed(o.args[0], step, is_async=True)

    def _pushed(self, pushed: Expression, step: With, *, is_async: bool) -> None:
        if isinstance(get_proper_type(self._type_of(pushed)), FunctionLike):
            step.after += self._calls(self._resolver.callee(pushed), pushed)
        elif not self._recognized(pushed, step):
            self._left(pushed, step, is_async)

    def _callback(self, o: CallExpr, step: With) -> None:
        targets = self._resolver.callee(o.args[0])
        actuals = Actuals(o.args[1:], o.arg_kinds[1:], o.arg_names[1:])
        step.after += self._collected(lambda: self._emit(targets, actuals, o))


def _call_in(statement: Statement) -> CallExpr | None:
    """The call that a statement is, or whose value it assigns."""
    expression: Expression | None = None
    if isinstance(statement, ExpressionStmt):
        expression = statement.expr
    elif isinstance(statement, AssignmentStmt):
        expression = statement.rvalue
    if isinstance(expression, AwaitExpr):
        expression = expression.expr
    return expression if isinstance(expression, CallExpr) else None
