"""The view of a module's scenario tests: each scenario of the specification as a test function.

A test reads as if written by hand: the peer's script, then the calls and what they must give. It
names its statement, and the harness finds the line of the specification from that, so that moving
a statement changes no test.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nimnet_generator.model import (
    Callable,
    Const,
    PeerAction,
    Scenario,
    Statement,
    Step,
    Type,
    Value,
)
from nimnet_generator.plan import docs
from nimnet_generator.plan.api import Api, ApiModule, Distinct, Enum, Form, Function, PythonType
from nimnet_generator.plan.imports import Imports
from nimnet_generator.plan.layout import (
    INDENT,
    LINE_LENGTH,
    Group,
    Item,
    call,
    indented,
    keyword,
    laid_out,
    listing,
    quoted,
)

_PEER = "harness.peer"
_STAGE = "harness.scenario"
_SUBJECT = "socket"
_DEPTH = 3
"""How far the calls are indented: in a function, its stage, and what they must raise."""


@dataclass(frozen=True)
class ScenarioView:
    """One test function; every text carries its margin."""

    transports: str
    buffered: str
    definition: str
    docstring: str
    stage: str
    body: str


@dataclass(frozen=True)
class ScenariosView:
    """The tests of one module."""

    module: str
    imports: str
    scenarios: tuple[ScenarioView, ...]


def has_scenarios(module: ApiModule) -> bool:
    """Tell whether the specification has scenarios for what is generated of a module."""
    return any(statement.scenarios for statement in _statements(module))


def scenarios_view(api: Api, module: ApiModule) -> ScenariosView:
    """Return the view of a module's scenario tests."""
    writer = _Writer(api)
    views = tuple(
        writer.test(statement, scenario)
        for statement in _statements(module)
        for scenario in statement.scenarios
    )
    return ScenariosView(module.name, writer.imports.text(), views)


def _statements(module: ApiModule) -> Iterator[Statement]:
    """Yield the statements about what is generated, in the order of the specification."""
    yield from module.entry.statements
    parts: tuple[tuple[Type | Const | Callable, ...], ...] = (
        module.entry.types,
        module.entry.consts,
        module.entry.procs,
    )
    for part in parts:
        for entry in part:
            if entry.omit is None:
                yield from entry.statements


class _Writer:
    """Writes the tests of one file, and collects what they import."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.imports = Imports()
        self.imports.module(api.name)
        self.imports.module("pytest")
        self.imports.name(_STAGE, "stage")
        self._types = {symbol.name: symbol for module in api.modules for symbol in module.types}
        self._forms: dict[str, list[tuple[Function, Form]]] = {}
        for module in api.modules:
            for function in module.callables:
                for form in function.forms:
                    for name in {form.entry.name, function.name}:
                        self._forms.setdefault(name, []).append((function, form))

    def test(self, statement: Statement, scenario: Scenario) -> ScenarioView:
        """Return the test of one scenario."""
        name = f"{statement.id} {scenario.name}".replace(".", "__", 1).strip()
        lines: list[str] = []
        for step in scenario.steps:
            lines += self._step(step)
        peer = "peer" if any(step.signal for step in scenario.steps) else "_"
        called = call(
            "with stage",
            (
                "transport",
                "buffered=buffered",
                keyword("script", listing(self._action(action) for action in scenario.peer)),
                f"statement={quoted(statement.id)}",
            ),
        )
        subject = _SUBJECT if any(re.search(rf"\b{_SUBJECT}\b", line) for line in lines) else "_"
        definition = Group(
            f"def test_{re.sub(r'[^0-9a-z]', '_', name.lower())}(",
            ("transport: str", "buffered: bool"),
            ") -> None:",
        )
        stage = Group(called.before, called.items, f") as ({subject}, {peer}):")
        return ScenarioView(
            self._transports(scenario),
            _buffered(scenario),
            laid_out(definition),
            indented(docs.plain_docstring(statement.says, 1), 1),
            INDENT + laid_out(stage, 1),
            indented(lines, 2),
        )

    def _transports(self, scenario: Scenario) -> str:
        if scenario.transports is not None:
            return laid_out(listing(quoted(transport) for transport in scenario.transports))
        self.imports.name(_STAGE, "TRANSPORTS")
        return "TRANSPORTS"

    def _action(self, action: PeerAction) -> Item:
        """Return the construction of one action of the peer."""
        match action:
            case PeerAction(wait_for=str(signal)):
                name, given = "WaitFor", [quoted(signal)]
            case PeerAction(close=True):
                name, given = "Close", []
            case PeerAction(half_close=True):
                name, given = "HalfClose", []
            case PeerAction(reset=True):
                name, given = "Reset", []
            case PeerAction(expect=value) if value is not None:
                name, given = "Expect", [_data(value)]
            case PeerAction(byte_by_byte=value) if value is not None:
                name, given = "ByteByByte", [_data(value)]
            case _:
                name, given = "Send", [_data(action.send)]
        self.imports.name(_PEER, name)
        return call(name, given)

    def _step(self, step: Step) -> Iterator[str]:
        """Yield the lines of one step."""
        if step.signal is not None:
            yield f"peer.signal({quoted(step.signal)})"
        if step.call is not None:
            yield from self._call(step, *self._form(step.call, step))
        for name, value in step.then.items():
            function, form = self._forms[name][0]
            target = f"{_SUBJECT}.{function.name}"
            asked = target if function.kind == "property" else f"{target}()"
            yield from self._demand(asked, value, form.result)

    def _form(self, name: str, step: Step) -> tuple[Function, Form]:
        """Return what a step calls: the overload it numbers, or the first that fits its names."""
        base, _, number = name.partition("/")
        forms = self._forms[base]
        if number:
            return forms[int(number) - 1]
        return next(pair for pair in forms if _fits(step, pair[1]))

    def _call(self, step: Step, function: Function, form: Form) -> Iterator[str]:
        given: list[Item] = []
        for param in form.params:
            if param.entry.name not in step.with_:
                continue
            value = self._expression(step.with_[param.entry.name], param.type)
            if param.entry.name in step.leaves:
                yield f"{param.name} = {_memory(step.with_[param.entry.name])}"
                is_view = param.type.annotation == "memoryview"
                value = f"memoryview({param.name})" if is_view else param.name
            given.append(keyword(param.name, value))
        yield from self._guarded(step, list(self._made(step, function, form, given)))
        for name, left in step.leaves.items():
            param_name = next(p.name for p in form.params if p.entry.name == name)
            yield f"assert {param_name} == {_data(left)}"

    def _made(self, step: Step, function: Function, form: Form, given: list[Item]) -> Iterator[str]:
        """Yield the call itself, and what its result must be."""
        if function.name == "__iand__":
            (operand,) = given
            assert isinstance(operand, str)
            yield f"{_SUBJECT} &= {operand.partition('=')[2]}"
            return
        target = f"{_SUBJECT if function.owner else self._api.name}.{function.name}"
        called = call(target, given)
        if form.result.annotation.startswith("Iterator["):
            called = call("list", [called])
        if "returns" in step.keys and step.raises is None:
            yield from self._demand(called, step.returns, form.result)
        else:
            yield from _lines(called)

    def _demand(self, asked: Item, value: Value, python: PythonType) -> Iterator[str]:
        """Yield an assertion about a value, in two statements where one is too long."""
        expected = self._expression(value, python)
        comparison = "is" if isinstance(value, bool) or value is None else "=="
        flat = asked if isinstance(asked, str) else asked.flat()
        single = f"assert {flat} {comparison} {expected}"
        if len(INDENT) * _DEPTH + len(single) <= LINE_LENGTH:
            yield single
            return
        yield from _lines(_prefixed("result = ", asked))
        yield f"assert result {comparison} {expected}"

    def _guarded(self, step: Step, lines: list[str]) -> Iterator[str]:
        """Yield lines inside the expectations of a step: an exception, a duration."""
        guard = ""
        within = f"({step.within[0]}, {step.within[1]})" if step.within else ""
        if step.raises is not None:
            self.imports.name(_STAGE, "raising")
            homes = self._api.homes
            raised = f"{self._api.name}.{step.raises}" if step.raises in homes else step.raises
            extra = f", message={quoted(step.message)}" if step.message else ""
            guard = f"with raising({raised}{extra}{', within=' + within if within else ''}):"
        elif within:
            self.imports.name(_STAGE, "lasting")
            guard = f"with lasting({within}):"
        if not guard:
            yield from lines
            return
        yield guard
        for line in lines:
            yield f"{INDENT}{line}"

    def _expression(self, value: Value, python: PythonType) -> str:
        """Return the Python expression for a value of a scenario."""
        annotation = python.annotation
        package = self._api.name
        if python.items and isinstance(value, tuple):
            parts = [self._expression(v, p) for v, p in zip(value, python.items, strict=True)]
            return f"({', '.join(parts)})"
        symbol = self._types.get(annotation)
        match symbol:
            case Enum(is_flag=True):
                chosen = value if isinstance(value, tuple) else (value,)
                members = [f"{package}.{annotation}.{_member(symbol, item)}" for item in chosen]
                return " | ".join(members) or f"{package}.{annotation}(0)"
            case Enum():
                return f"{package}.{annotation}.{_member(symbol, value)}"
            case Distinct():
                return f"{package}.{annotation}({value})"
        match value:
            case tuple():
                return f"[{', '.join(_data(item) for item in value)}]"
            case bool() | None:
                return repr(value)
            case int() if annotation == "memoryview":
                return f"memoryview(bytearray({value}))"
            case int() | float():
                return repr(value)
            case _ if annotation == "str":
                return quoted(str(value))
            case _ if annotation in ("memoryview", "bytearray"):
                return f"{annotation}({_data(value)})"
        return _data(value)


def _fits(step: Step, form: Form) -> bool:
    known = {param.entry.name for param in form.params}
    needed = {param.entry.name for param in form.required}
    return needed <= step.with_.keys() <= known


def _buffered(scenario: Scenario) -> str:
    kinds = (True, False) if scenario.buffered is None else (scenario.buffered,)
    return ", ".join(repr(kind) for kind in kinds)


def _prefixed(prefix: str, item: Item) -> Item:
    if isinstance(item, str):
        return prefix + item
    return Group(prefix + item.before, item.items, item.after)


def _lines(item: Item) -> list[str]:
    """Return the lines of a statement, laid out for the deepest place it can stand in."""
    first, *others = laid_out(item, _DEPTH).splitlines()
    return [first, *(line[len(INDENT) * _DEPTH :] for line in others)]


def _member(symbol: Enum, value: Value) -> str:
    """Return the Python name of an enum's member that a scenario names as Nim does."""
    members = symbol.members
    return next(member.name for member in members if value in (member.entry.name, member.name))


def _memory(value: Value) -> str:
    """Return the bytearray that a call changes: of so many bytes, or with this content."""
    return f"bytearray({value if isinstance(value, int) else _data(value)})"


def _data(value: Value) -> str:
    """Return a bytes literal for data of a scenario."""
    if isinstance(value, Mapping):
        return f"{_data(value['repeat'])} * {value['times']}"
    text = repr(str(value).encode())[2:-1]
    if "'" in text or '"' not in text:
        text = text.replace("\\'", "'").replace('"', '\\"')
        return f'b"{text}"'
    return f"b'{text}'"
