"""Tasks: coroutines that run beside the function, and where what they raise comes out.

A task raises where it is waited for. Of one that is not kept where that can be seen, what it
raises counts where it is made, as that of a coroutine does. The tasks of a `TaskGroup` end with
its block, which raises what they raise in a group, together with what the block itself raises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.nodes import CallExpr, Expression, MemberExpr, Var
from mypy.types import Instance, get_proper_type

from nimnet_effects.extraction.frames import Frame, site_of
from nimnet_effects.extraction.results import Results
from nimnet_effects.inference.hierarchy import EXCEPTION
from nimnet_effects.ir import Flow, Handler, Reraise, Try

if TYPE_CHECKING:
    from mypy.checker import TypeChecker
    from mypy.nodes import MypyFile

    from nimnet_effects.classes import Classes
    from nimnet_effects.request import World
    from nimnet_effects.resolution.targets import Targets

_GROUP: Final = "asyncio.taskgroups.TaskGroup"
_IN_A_GROUP: Final = f"{_GROUP}.create_task"


class Group(NamedTuple):
    """A group of tasks inside of whose block the walk is.

    Attributes:
        frame: the function that has the block.
        tasks: what they do.
        started: the calls that make them.
    """

    frame: Frame
    tasks: Flow
    started: list[Expression]


class Tasks(Results):
    """Notes what tasks raise."""

    def __init__(
        self, tree: MypyFile, checker: TypeChecker, world: World, classes: Classes
    ) -> None:
        """Know no group yet."""
        super().__init__(tree, checker, world, classes)
        self._groups: dict[Var, Group] = {}

    def _started(
        self, o: CallExpr, coroutine: Expression, targets: Targets, *, dropped: bool
    ) -> None:
        """A coroutine was given to what lets it run elsewhere.

        Args:
            o: the call of that.
            coroutine: the argument.
            targets: what is called.
            dropped: whether it is known who waits for the task, or that nobody does.
        """
        if any(target.fullname == _IN_A_GROUP for target in targets):
            callee = o.callee
            variable = self._variable(callee.expr) if isinstance(callee, MemberExpr) else None
            group = None if variable is None else self._groups.get(variable)
            frame = self._frame
            if group is None or group.frame is not frame:
                self._run(self._deferred(coroutine), o)
                return
            group.started.append(o)
            outer, frame.flow = frame.flow, group.tasks
            self._run(self._deferred(coroutine), o)
            frame.flow = outer
        elif not dropped:
            self._run(self._deferred(coroutine), o)

    def _is_group(self, manager: Expression) -> bool:
        typ = get_proper_type(self._type_of(manager))
        return isinstance(typ, Instance) and typ.type.has_base(_GROUP)

    def _ended(self, group: Group) -> None:
        """The block of a group has ended: no task of it raises anything any more."""
        for values in self._kept.values():
            values[:] = [each for each in values if each not in group.started]

    def _in_a_group(self, flow: Flow, manager: Expression) -> Try:
        """A flow of which all that leaves it does so in a group."""
        frame = self._frame
        frame.count += 1
        again: Flow = [Reraise(site_of(manager), frame.count)]
        return Try(flow, [Handler(frame.count, (EXCEPTION,), again, leaves=True)], star=True)
