"""The steps of flows, and whom they call."""

from __future__ import annotations

from collections.abc import Iterable

from nimnet_effects.ir import Call, Default, Flow, Function, Reraise, Step, Try, With, Yield


def walk(flow: Flow) -> Iterable[Step]:
    """All steps, the inner ones too."""
    for step in flow:
        yield step
        if isinstance(step, Try):
            yield from walk(step.body)
            for handler in step.handlers:
                yield from walk(handler.body)
            yield from walk(step.otherwise)
            yield from walk(step.final)
        elif isinstance(step, With):
            yield from walk(step.before)
            yield from walk(step.body)
            yield from walk(step.after)
        elif isinstance(step, Default):
            yield from walk(step.body)
        elif isinstance(step, Yield) and step.closing:
            yield from walk(step.closing)


def steps(function: Function) -> Iterable[Step]:
    """All steps of a function, and of what it returns."""
    yield from walk(function.flow)
    yield from walk(function.result)


def helpers(function: Function) -> set[str]:
    """The keys of the functions that a function calls."""
    found: set[str] = set()
    for step in steps(function):
        if isinstance(step, Call) and step.helper is not None:
            found.add(step.helper)
            if step.declined is not None:
                found.add(step.declined)
        elif isinstance(step, With) and step.manager is not None:
            found.add(step.manager)
    return found


def reraises(flow: Flow, handler: int) -> bool:
    """Whether what a handler caught is raised again somewhere in a flow."""
    return any(isinstance(step, Reraise) and step.handler == handler for step in walk(flow))
