"""Scenarios: what is given, where it runs, the peer's script, and then every step."""

from __future__ import annotations

from nimnet_gen.checks.calls import Calls
from nimnet_gen.checks.host_names import HostNames
from nimnet_gen.checks.operations import Operations
from nimnet_gen.checks.restrictions import Restrictions
from nimnet_gen.checks.scenario_values import Values
from nimnet_gen.checks.scope import Scope
from nimnet_gen.checks.scripts import Script
from nimnet_gen.checks.settings import check_names, check_settings
from nimnet_gen.checks.statements import all_statements
from nimnet_gen.checks.steps import Steps
from nimnet_gen.checks.verdicts import check_verdicts
from nimnet_gen.model.evidence import Scenario
from nimnet_gen.model.stage import NOTHING, Given
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics


def check_scenarios(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check the operations, and every scenario of every statement."""
    room = _Room(spec, symbols, found)
    for statement, generated in all_statements(spec):
        for scenario in statement.scenarios:
            room.check(scenario, generated=generated)
    room.finish()


class _Room:
    def __init__(self, spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
        self._symbols = symbols
        self._found = found
        self._values = Values(symbols, found)
        self._calls = Calls(symbols, self._values, found)
        self._operations = Operations(spec, symbols, self._calls, self._values, found)
        self._matrix = self._operations.matrix
        self._restrictions = Restrictions(symbols, self._matrix, found)

    def check(self, scenario: Scenario, *, generated: bool) -> None:
        staged = self._matrix.staged(scenario)
        cells = self._operations.note(scenario)
        self._restrictions.check(scenario, cells)
        Script(staged, self._found).check()
        check_settings(staged, self._found)
        HostNames(staged, self._found).check()
        steps = Steps(
            self._symbols,
            self._calls,
            self._values,
            self._operations,
            Scope.of_stage(staged.given, staged.stage, self._symbols),
            self._found,
        )
        steps.check(scenario, generated=generated)
        self._check_end(scenario, staged.given)
        check_names(staged, self._found)
        check_verdicts(scenario, cells, self._found)

    def finish(self) -> None:
        """Report what only all scenarios together can show."""
        self._calls.report_unknown()
        self._operations.report_unused()

    def _check_end(self, scenario: Scenario, given: Given) -> None:
        """Check that after a failure something is said of the object that is left."""
        last = scenario.steps[-1] if scenario.steps else None
        if last is None or last.raises is None or last.then:
            return
        if given.name != NOTHING or last.on is not None:
            self._found.add(
                "SPEC109",
                "the scenario ends with a failure",
                last.where("raises"),
                "say what still works: another step, or `then`",
            )
