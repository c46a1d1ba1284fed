"""The calls of scenarios as Python expressions and statements."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nimnet_gen.acting import Ending, Evaluation, Invocation, Performance
from nimnet_gen.acting.resolved import Memory, Resolved
from nimnet_gen.naming import names
from nimnet_gen.naming.nimtypes import Named
from nimnet_gen.naming.signatures import Argument
from nimnet_gen.naming.special import SPECIAL, Special
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import Group, Item, call, flat, keyword, prefixed, suffixed
from nimnet_gen.plan.tests.values import PythonValues, variable


class PythonCalls:
    """Writes calls for one file."""

    def __init__(self, api: Api, imports: Imports, values: PythonValues) -> None:
        """Write calls of an API; what they name is added to `imports`."""
        self._api = api
        self._imports = imports
        self._values = values

    def expression(
        self, deed: Invocation | Performance | Evaluation | Ending, held: Mapping[str, str]
    ) -> Item:
        """Return what is done as an expression.

        Args:
            deed: What is done.
            held: For arguments whose memory has a variable, that variable by Nim's name.
        """
        match deed:
            case Evaluation(value=value):
                return self._values.item(value)
            case Ending(name=name):
                return f"{variable(name)}.result()"
            case Performance():
                target = [] if deed.target is None else [self._values.item(deed.target)]
                given = [
                    keyword(variable(name), self._values.item(value))
                    for name, value in deed.arguments
                ]
                return call(variable(deed.operation.name), [*target, *given])
            case Invocation():  # pragma: no branch - the last case
                return self._invocation(deed, held)

    def statement(self, deed: Invocation, held: Mapping[str, str]) -> Item | None:
        """Return a call that Python has a statement for, not an expression; else None."""
        if deed.target is None:
            return None
        target = self._values.text(deed.target)
        given = [self._argument(argument, value, held) for argument, value in deed.arguments]
        special = special_method(deed)
        if special is not None and special.is_statement:
            return _written(special, special.written, target, given)
        if names.is_setter(deed.entry.name):
            return prefixed(f"{target}.{names.python_name(deed.entry)} = ", given[0])
        return None

    def is_bare(self, deed: object) -> bool:
        """Tell whether an expression would do nothing visible as a statement of its own."""
        if isinstance(deed, Invocation):
            special = special_method(deed)
            return deed.is_property or (special is not None and special.is_expression)
        return isinstance(deed, Evaluation)

    def _invocation(self, deed: Invocation, held: Mapping[str, str]) -> Item:
        name = names.python_name(deed.entry)
        given = [
            (argument.name, self._argument(argument, value, held))
            for argument, value in deed.arguments
        ]
        if deed.target is None:
            self._imports.module(self._api.name)
            made: Item = call(f"{self._api.name}.{name}", _passed(deed, given))
        else:
            made = self._method(deed, self._values.text(deed.target), name, given)
        outcomes = deed.signature.outcomes
        iterates = outcomes and outcomes[0].annotation.text.startswith("Iterator[")
        return call("list", [made]) if iterates else made

    def _method(
        self, deed: Invocation, target: str, name: str, given: list[tuple[str, Item]]
    ) -> Item:
        if names.is_setter(deed.entry.name):
            return call("setattr", [target, f'"{name}"', given[0][1]])
        if (special := special_method(deed)) is not None:
            operands = [item for _, item in given]
            if special.written and not special.is_statement:
                return _written(special, special.written, target, operands)
            return call(f"{target}.{name}", [*["None"] * len(special.implied), *operands])
        if deed.is_property:
            return f"{target}.{name}"
        return call(f"{target}.{name}", _passed(deed, given))

    def denied(self, deed: Invocation, held: Mapping[str, str]) -> Item | None:
        """Return the form in which Python asks for the opposite answer, or None for none."""
        special = special_method(deed)
        if special is None or not special.negated or deed.target is None:
            return None
        given = [self._argument(argument, value, held) for argument, value in deed.arguments]
        return _written(special, special.negated, self._values.text(deed.target), given)

    def _argument(self, argument: Argument, value: Resolved, held: Mapping[str, str]) -> Item:
        """Return an argument; memory that is looked at afterwards is in a variable."""
        name = argument.param.name
        if argument.type == Named("pointer") and name in held:
            return f"memoryview({held[name]})"
        if argument.param.mode == "inout":
            return held[name] if name in held else self._values.memory(value)
        return self._values.item(value)

    def memory(self, value: Resolved) -> str:
        """Return the bytearray behind an argument that is looked at afterwards."""
        return self._values.memory(value.content if isinstance(value, Memory) else value)


def special_method(deed: object) -> Special | None:
    """Return what Python's data model fixes about the method that is called; None for others."""
    if not isinstance(deed, Invocation) or not deed.owner:
        return None
    special = SPECIAL.get(names.python_name(deed.entry))
    if special is None or not deed.signature.outcomes:
        return special
    return special.giving(deed.signature.outcomes[0].annotation.text, deed.owner)


def _written(special: Special, form: str, target: str, given: Sequence[Item]) -> Item:
    """Return a call in a form of Python's own; the last operand may be broken into lines."""
    if not given:
        return form.format(target)
    *others, last = given
    if isinstance(last, str) and " | " in last and not special.is_comparison:
        last = f"({last})"
    before, _, after = form.partition(f"{{{len(given)}}}")
    operands = (target, *map(flat, others))
    return suffixed(prefixed(before.format(*operands), last), after.format(*operands))


def _passed(deed: Invocation, given: list[tuple[str, Item]]) -> list[Item]:
    """Return arguments as a call has them: by name, but up to any number of them by place.

    What makes a text or bytes of a type of its own is Python's own, and knows no names.
    """
    entry = deed.entry
    is_conversion = entry.returns is not None and entry.returns.type == entry.name
    if is_conversion and entry.kind != "constructor" and entry.params[0].as_ is not None:
        return [item for _, item in given]
    collected = {argument.name for argument, _ in deed.arguments if argument.variadic}
    index = next((i for i, (name, _) in enumerate(given) if name in collected), -1)
    passed = [item for _, item in given[:index]] if index >= 0 else []
    if index >= 0:
        items = given[index][1]
        passed += (
            items.items
            if isinstance(items, Group) and items.before == "["
            else [prefixed("*", items)]
        )
    return [*passed, *(keyword(*part) for part in given[index + 1 :])]
