"""The view of a module's scenario tests: each scenario of the specification as a test function.

A test reads as if written by hand: the peer's script, then the calls and what they must give. It
names its statement, and the harness finds the line of the specification from that, so that moving
a statement changes no test.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from nimnet_gen.acting import Act
from nimnet_gen.model.evidence import Operation, Scenario, Statement
from nimnet_gen.model.stage import NOTHING, Resolver
from nimnet_gen.model.surface import Callable, Const, Type
from nimnet_gen.naming import names
from nimnet_gen.plan import docs
from nimnet_gen.plan.api import Api, ApiModule
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import (
    LINE_LENGTH,
    Group,
    Item,
    call,
    indented,
    keyword,
    laid_out,
    listing,
    prefixed,
    quoted,
    scalar_literal,
    suffixed,
)
from nimnet_gen.plan.tests.code import Block, code
from nimnet_gen.plan.tests.code import Statement as Code
from nimnet_gen.plan.tests.operations import (
    MATRIX,
    MODULE,
    constant_name,
    protocol_name,
)
from nimnet_gen.plan.tests.scripts import action
from nimnet_gen.plan.tests.steps import PythonSteps, Writing
from nimnet_gen.plan.tests.values import PEER, variable
from nimnet_gen.stage import setting

_LONGEST_NAME: Final = LINE_LENGTH - len("def () -> None:") - len("_2")


@dataclass(frozen=True)
class ScenarioView:
    """One test function; every text carries its margin."""

    decorator: str
    definition: str
    docstring: str
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
        self._stage = api.spec.stage
        self._matrix = api.acting.matrix
        self.imports = Imports()
        self._writing = Writing(api, self.imports)
        self._named: Counter[str] = Counter()
        self.imports.name(MATRIX, "scenario")

    def test(self, statement: Statement, scenario: Scenario) -> ScenarioView:
        """Return the test of one scenario."""
        used = self._matrix.used(scenario)
        acted = self._api.acting.act(scenario)
        body = PythonSteps(self._writing, acted).statements()
        ready = self._ready(scenario, acted)
        statements: list[Code] = body if ready is None else [Block([ready], body)]
        return ScenarioView(
            laid_out(self._decorator(statement, scenario, used)),
            laid_out(self._definition(statement, scenario, used)),
            indented(docs.plain_docstring(statement.says, 1), 1),
            "\n".join(code(statements, 1)),
        )

    def _decorator(
        self, statement: Statement, scenario: Scenario, used: tuple[Operation, ...]
    ) -> Item:
        parts: list[Item] = [quoted(statement.id)]
        if scenario.name:
            parts.append(quoted(scenario.name))
        if self._matrix.given(scenario).transports is not None:
            parts.append(keyword("transports", self._transports(scenario)))
        for kinds in self._matrix.kinds(scenario):
            values = [scalar_literal(kind.value) for kind in kinds]
            parts.append(keyword(kinds[0].variant, _tuple(values)))
        for operation in used:
            constant = constant_name(operation)
            self.imports.name(MODULE, constant)
            parts.append(keyword(variable(operation.name), constant))
        return call("@scenario", parts)

    def _transports(self, scenario: Scenario) -> Item:
        if scenario.transports is not None:
            return _tuple([quoted(transport) for transport in scenario.transports])
        constant = names.constant_case(str(self._matrix.given(scenario).transports))
        self.imports.name(MODULE, constant)
        return constant

    def _definition(
        self, statement: Statement, scenario: Scenario, used: tuple[Operation, ...]
    ) -> Item:
        params: list[str] = []
        given = self._matrix.given(scenario)
        if given.transports is not None:
            params.append("transport: str")
        params += [
            f"{variant.name}: {'str' if variant.values else 'bool'}"
            for variant in setting.variants_of(given, self._stage)
        ]
        for operation in used:
            protocol = protocol_name(operation)
            self.imports.name(MODULE, protocol)
            params.append(f"{variable(operation.name)}: {protocol}")
        function = f"def {self._function_name(statement, scenario)}("
        return Group(function, tuple(params), ") -> None:")

    def _function_name(self, statement: Statement, scenario: Scenario) -> str:
        """Return a name of the file's own, which may end in the middle of a long scenario's."""
        words = f"{statement.id} {scenario.name}".replace(".", "__", 1).strip().lower()
        name = f"test_{re.sub(r'[^0-9a-z]', '_', words)}"
        if len(name) > _LONGEST_NAME:
            name = name[:_LONGEST_NAME].rpartition("_")[0].rstrip("_")
        self._named[name] += 1
        return name if self._named[name] == 1 else f"{name}_{self._named[name]}"

    def _ready(self, scenario: Scenario, acted: Act) -> Item | None:
        """Return the stage with the names that the steps use; None if they need none."""
        origins = {reference.origin for reference in acted.used}
        signals = any(step.signal is not None for step in scenario.steps)
        peer = PEER if "stage" in origins or signals else "_"
        given, resolver = acted.given, self._stage.resolver
        if given.name == NOTHING and peer == "_" and not scenario.names:
            return None
        parts: list[Item] = [quoted(given.name)]
        if given.transports is not None:
            parts.append("transport")
        variants = setting.variants_of(given, self._stage)
        parts += [f"{variant.name}={variant.name}" for variant in variants]
        if scenario.peer:
            script = listing(action(item, self._stage, self.imports) for item in scenario.peer)
            parts.append(keyword("script", script))
        for name, word in setting.chosen(scenario, self._stage).items():
            parts.append(keyword(name, quoted(word)))
        if scenario.names and resolver is not None:
            parts.append(keyword("names", self._names(scenario, resolver)))
        self.imports.name(self._stage.module, "stage")
        subject = acted.subject if acted.subject and "subject" in origins else "_"
        names = "" if (subject, peer) == ("_", "_") else f" as ({subject}, {peer})"
        return suffixed(call("stage", parts), names)

    def _names(self, scenario: Scenario, resolver: Resolver) -> Item:
        """Return what the resolver answers, by host name."""
        self.imports.name(resolver.module, "known")
        answers: list[Item] = []
        for host, answer in scenario.names.items():
            given: list[Item] = [quoted(address) for address in answer.addresses]
            if answer.full:
                given.append(keyword("full", _tuple([quoted(address) for address in answer.full])))
            if answer.after:
                given.append(keyword("after", str(answer.after)))
            answers.append(prefixed(f"{quoted(host)}: ", call("known", given)))
        return Group("{", tuple(answers), "}")


def _tuple(items: list[str]) -> Item:
    return Group("(", tuple(items), ",)" if len(items) == 1 else ")")
