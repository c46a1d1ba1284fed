"""What decorators of the program's own make of the functions that they are given.

What the decorator returns has a flow, in which a call of what it was given is a call of a *key that
stands for it*. For each decorated function there is a copy of that flow in which the key is that of
the function. Imports no mypy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from nimnet_effects import flows
from nimnet_effects.ir import (
    ALWAYS,
    OTHERS,
    Argument,
    Call,
    Condition,
    Default,
    Flow,
    Function,
    Handler,
    Site,
    Step,
    Try,
    With,
    Yield,
    if_given,
    parameter_key,
)

if TYPE_CHECKING:
    from nimnet_effects.contracts import Contract
    from nimnet_effects.request import Json

_GIVEN: Final = "?"
_NOWHERE: Final[Site] = (1, 0, 1, 0)


def given_to(taker: str) -> str:
    """The key that stands for what a decorator is given, by the key of the decorator."""
    return taker + _GIVEN


class Kind(StrEnum):
    """When the body of a function runs."""

    CALLED = ""
    AWAITED = "awaited"
    ITERATED = "iterated"
    ENTERED = "entered"


@dataclass(slots=True, eq=False)
class Wrapper:
    """What a decorator puts in the place of a function.

    Attributes:
        taker: the key of what takes the function: of the decorator, or of what a factory returns.
        name: of the decorator, for people.
        returned: what it may return, by keys.
        itself: whether it may also return what it was given.
        functions: what it may return, and all that stands in that, by key; none of them declares.
    """

    taker: str
    name: str
    returned: dict[str, Kind]
    itself: bool
    functions: dict[str, Function] = field(default_factory=dict)

    @property
    def within(self) -> str:
        """What the keys of functions that stand in the taker begin with."""
        return f"{self.taker}.<locals>."

    def filled(self, functions: Iterable[Function]) -> Wrapper:
        """This one, with those of the functions that stand in the taker."""
        inside = (each for each in functions if each.key.startswith(self.within))
        return replace(self, functions={each.key: _settled(each) for each in inside})

    def to_json(self) -> Json:
        """What `from_json` makes the same of."""
        functions: dict[str, Json] = {
            each.key: [
                each.name,
                each.module,
                flows.to_json(each.flow),
                each.absorbs,
                {key: [*literals] for key, literals in each.reassigned.items()},
                flows.layer_to_json(each.swallows),
                flows.to_json(each.result),
                each.declines,
            ]
            for each in self.functions.values()
        }
        returned: dict[str, Json] = {key: str(kind) for key, kind in self.returned.items()}
        return [self.taker, self.name, returned, self.itself, functions]


def from_json(entry: Any) -> Wrapper:
    """What `Wrapper.to_json` was called for."""
    taker, name, returned, itself, functions = entry
    return Wrapper(
        taker,
        name,
        {key: Kind(kind) for key, kind in returned.items()},
        itself,
        {
            key: Function(
                key,
                name,
                _NOWHERE,
                flows.from_json(flow),
                absorbs=absorbs,
                reassigned={key: tuple(literals) for key, literals in reassigned.items()},
                swallows=flows.layer_from_json(swallows),
                lines=lines,
                result=flows.from_json(result),
                declines=declines,
            )
            for key, (
                name,
                lines,
                flow,
                absorbs,
                reassigned,
                swallows,
                result,
                declines,
            ) in functions.items()
        },
    )


def _settled(function: Function) -> Function:
    """A function that raises what it declares, if it declares."""
    declared = function.declared
    if declared is None:
        return function
    call = Call(function.site, function.name, tuple(_promised(declared, function)))
    return replace(function, declared=None, flow=[call])


def _promised(contract: Contract, function: Function) -> Iterable[tuple[str, Condition]]:
    for exception in contract.raises:
        yield exception, ALWAYS
    for parameter, given in contract.given.items():
        for exception in given.raises:
            yield exception, if_given(parameter, given.unless, parameter in function.required)


class Decorated(NamedTuple):
    """A function with a decorator.

    Attributes:
        whole: the key of what callers call.
        original: the key of the function that the decorator is given.
        name: of the function, for people.
        kind: of the function.
        parameters: their names, in order.
        site: of the decorator.
        decorator: its module, and its qualified name there.
        called: whether it is a factory of decorators.
    """

    whole: str
    original: str
    name: str
    kind: Kind
    parameters: tuple[str | None, ...]
    site: Site
    decorator: tuple[str, str]
    called: bool


def put_around(decorated: Decorated, wrapper: Wrapper) -> tuple[Flow, list[Function]]:
    """What a decorator makes of a function: the flow of the whole, and what that calls."""
    keys = {
        key: f"{decorated.original}.{key.removeprefix(wrapper.within)}" for key in wrapper.functions
    }
    copy = _Copy(decorated, given_to(wrapper.taker), keys)
    functions = [
        replace(
            each,
            key=keys[key],
            flow=copy.flow(each.flow),
            result=copy.flow(each.result),
            lines=each.module,
        )
        for key, each in wrapper.functions.items()
    ]
    # Of several that it may return, a function gets the one for what it is: a coroutine, for one.
    fitting = [key for key, kind in wrapper.returned.items() if kind is decorated.kind]
    called = [keys[key] for key in fitting or wrapper.returned if key in keys]
    if wrapper.itself or not fitting:
        # What runs later than it is called raises beyond the handlers around its call.
        called.append(decorated.original)
    forwarded = {OTHERS: Argument(parameter=OTHERS)}
    flow: Flow = [
        Call(decorated.site, wrapper.name, helper=key, arguments=forwarded) for key in called
    ]
    return flow, functions


class _Copy:
    """Copies flows, with other keys in them."""

    def __init__(self, decorated: Decorated, given: str, keys: Mapping[str, str]) -> None:
        self._decorated = decorated
        self._given = given
        self._keys = keys

    def flow(self, flow: Flow) -> Flow:
        return [self._step(step) for step in flow]

    def _step(self, step: Step) -> Step:
        match step:
            case Call(helper=self._given):
                return replace(
                    step,
                    name=self._decorated.name,
                    helper=self._decorated.original,
                    arguments={
                        self._parameter(name): each for name, each in step.arguments.items()
                    },
                )
            case Call(helper=str(helper)):
                declined = step.declined
                return replace(
                    step,
                    helper=self._keys.get(helper, helper),
                    declined=None if declined is None else self._keys.get(declined, declined),
                )
            case Default():
                return step._replace(body=self.flow(step.body))
            case Yield():
                return replace(step, closing=self.flow(step.closing))
            case Try():
                return replace(
                    step,
                    body=self.flow(step.body),
                    handlers=[self._handler(each) for each in step.handlers],
                    otherwise=self.flow(step.otherwise),
                    final=self.flow(step.final),
                )
            case With():
                manager = step.manager
                return replace(
                    step,
                    before=self.flow(step.before),
                    body=self.flow(step.body),
                    after=self.flow(step.after),
                    manager=None if manager is None else self._keys.get(manager, manager),
                )
        return step

    def _handler(self, handler: Handler) -> Handler:
        return handler._replace(body=self.flow(handler.body))

    def _parameter(self, key: str) -> str:
        """The key of a parameter of the function, if a call gives it at a place."""
        names = self._decorated.parameters
        for place, name in enumerate(names):
            if key == parameter_key(None, place):
                return parameter_key(name, place)
        return key
