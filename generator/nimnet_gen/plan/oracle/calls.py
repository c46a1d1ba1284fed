"""A call of a scenario in Nim: the variables it needs, the statement, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from nimnet_gen.acting import Invocation
from nimnet_gen.acting.resolved import Memory, Optional, Plain, Resolved
from nimnet_gen.model.surface import Callable, Param
from nimnet_gen.naming import effective
from nimnet_gen.naming.names import is_setter
from nimnet_gen.naming.nimtypes import NimType, PythonType, SeveralOf, parse_type
from nimnet_gen.naming.signatures import Argument
from nimnet_gen.naming.special import is_operator
from nimnet_gen.plan.oracle import source
from nimnet_gen.plan.oracle.scope import InexpressibleError
from nimnet_gen.plan.oracle.source import quoted
from nimnet_gen.plan.oracle.values import NimValues, declared

_DEPTH: Final = 2
"""How far a call is indented: in a proc, and in its step."""


@dataclass(frozen=True)
class Variable:
    """What Python gets of a call, or passes in, as a Nim expression with its type."""

    text: str
    type: NimType


@dataclass
class NimCall:
    """A call, ready to be put into a step.

    Attributes:
        declarations: What stands before the step.
        statement: The call; it puts its result into a variable if it has any.
        results: What Python gets of it, in Python's order; empty where Nim gives nothing.
        lacks_result: Whether Python gets a result that Nim's signature lacks.
        held: What each changed argument holds afterwards, by Nim's name.
        outs: The arguments that are results, by Nim's name.
    """

    declarations: list[str] = field(default_factory=list)
    statement: str = ""
    results: list[Variable] = field(default_factory=list)
    lacks_result: bool = False
    held: dict[str, str] = field(default_factory=dict)
    outs: dict[str, Variable] = field(default_factory=dict)


def nim_call(
    values: NimValues,
    invocation: Invocation,
    target: Resolved | None,
    number: int,
    arguments: Mapping[str, Resolved],
    times_out: bool,
) -> NimCall:
    """Return a call in Nim.

    Args:
        values: What writes its arguments.
        invocation: The call.
        target: The object that it is called on, or None.
        number: The number of its step, which names of variables end in.
        arguments: Within a form of an operation, what the operation is given.
        times_out: Whether the call is to end by the bound of its waiting.

    Raises:
        InexpressibleError: Nim cannot do it.
    """
    entry = invocation.entry
    made = NimCall()
    given = dict(_inputs(values, made, invocation, number, arguments, times_out))
    on = None if target is None else values.expression(target, None, arguments)
    passed: list[str] = []
    for index, param in enumerate(effective.params(entry)):
        if param.mode == "out":
            node = _parameter_type(entry, param)
            variable = f"{param.name}{number}"
            made.declarations.append(f"var {variable}: {declared(node)}")
            made.outs[param.name] = Variable(variable, node)
            passed.append(f"{quoted(param.name)} = {variable}")
        elif param.name in given:
            passed.append(given[param.name])
        elif index == 0 and on is None and invocation.owner:
            raise InexpressibleError("a method without its object")
    call = _called(values.names.proc(entry), on, passed)
    made.results.extend(made.outs.values())
    _take_result(made, entry, call, number)
    return made


def _inputs(
    values: NimValues,
    made: NimCall,
    invocation: Invocation,
    number: int,
    arguments: Mapping[str, Resolved],
    times_out: bool,
) -> list[tuple[str, str]]:
    """Return each argument that is given by its name, as the call has it."""
    entry, names, passed = invocation.entry, values.names, []
    documented = {param.name: param for param in entry.params}
    for argument, value in invocation.arguments:
        name = argument.param.name
        if not argument.param.is_documented and names.bounds_waiting(name):
            meant = arguments.get(getattr(value, "name", ""), value)
            if not times_out and isinstance(meant, Plain) and names.is_never_reached(meant.value):
                continue
        if isinstance(value, Optional) and not values.is_optional(documented[name]):
            # An amendment's option: Nim has the value alone, and for none its own default.
            if value.value is None:
                continue
            value = value.value
        nim_name = quoted(names.param(entry, argument.param))
        passed.append(
            (name, f"{nim_name} = {_input(values, made, argument, value, number, arguments)}")
        )
    return passed


def _input(
    values: NimValues,
    made: NimCall,
    argument: Argument,
    value: Resolved,
    number: int,
    arguments: Mapping[str, Resolved],
) -> str:
    """Return the expression for an argument; what the call changes becomes a variable before it."""
    name = argument.param.name
    variable = f"{name}{number}"
    if isinstance(value, Memory):
        content = values.expression(value.content, None, arguments)
        made.declarations.append(f"var {variable} = memory({content})")
        made.held[name] = f"{variable}.text"
        return f"{variable}.at"
    if argument.param.mode == "inout":
        content = values.expression(value, argument.type, arguments)
        made.declarations.append(f"var {variable} = {content}")
        made.held[name] = variable
        return variable
    if isinstance(argument.type, PythonType):
        raise InexpressibleError("an object of a type that only Python has")
    return values.expression(value, argument.type, arguments)


def _parameter_type(entry: Callable, param: Param) -> NimType:
    if param.type is None:
        raise InexpressibleError(f"{entry.name} gives {param.name}, whose type is not stated")
    return parse_type(param.type)


def _take_result(made: NimCall, entry: Callable, call: str, number: int) -> None:
    """Put the documented result, which an amendment may have added or taken, into a variable."""
    has_result = entry.returns is not None and entry.returns.type != "void"
    wanted = effective.result(entry)
    if not has_result or entry.returns is None:
        made.statement = call
        made.lacks_result = wanted is not None
        return
    if wanted is None:
        made.statement = f"discard {call}"
        return
    node = parse_type(entry.returns.type)
    if entry.kind == "iterator":
        node, call = SeveralOf("seq", node), f"toSeq({call})"
    made.declarations.append(f"var result{number}: {declared(node)}")
    made.statement = f"result{number} = {call}"
    made.results.insert(0, Variable(f"result{number}", node))


def _called(name: str, on: str | None, passed: list[str]) -> str:
    operands = [item.partition(" = ")[2] for item in passed]
    if is_setter(name):
        return f"{on}.{name[:-1]} = {operands[-1]}"
    if name in ("[]", "[]="):
        value = f" = {operands[1]}" if name == "[]=" else ""
        return f"{on}[{operands[0]}]{value}"
    if is_operator(name):
        return f"{on} {name} {operands[-1]}" if operands else f"{name}({on})"
    if on and not passed:
        return f"{on}.{name}"  # a field looks the same
    return source.call(f"{on}.{name}" if on else name, passed, _DEPTH)
