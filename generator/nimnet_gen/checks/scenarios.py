"""Scenarios: what is given, where it runs, the peer's script, and then every step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from nimnet_gen.checks.calls import Calls
from nimnet_gen.checks.host_names import HostNames
from nimnet_gen.checks.operations import Operations
from nimnet_gen.checks.scenario_values import Values
from nimnet_gen.checks.scope import Scope
from nimnet_gen.checks.scripts import Script
from nimnet_gen.checks.statements import all_statements
from nimnet_gen.checks.steps import Steps
from nimnet_gen.checks.value_forms import The, forms_in
from nimnet_gen.checks.verdicts import check_verdicts
from nimnet_gen.model.evidence import Given, Scenario, Step
from nimnet_gen.model.references import reference
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.stage import matrix

_CERTIFIED: Final = ("tls12", "tls13")
"""The transports on which a peer that serves has a certificate."""

_INPUT_OUTPUT: Final = frozenset({"ReadIOEffect", "WriteIOEffect"})
"""The tags of calls that read from a socket or write to one."""

_ONLY_ON_UNIX: Final = frozenset({"path"})
_NEVER_ON_UNIX: Final = frozenset({"port", "own_port"})


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

    def check(self, scenario: Scenario, *, generated: bool) -> None:
        given = matrix.given(scenario)
        cells = self._operations.note(scenario)
        self._check_restriction(scenario, cells)
        if not cells and scenario.transports != ():
            self._found.add(
                "SPEC086",
                "no form of its operations runs on its transports",
                scenario.at,
                "widen `transports`",
            )
        transports = scenario.transports or matrix.TRANSPORTS_OF[given]
        Script(scenario, transports, self._found).check()
        self._check_certificate(scenario, transports)
        HostNames(scenario, transports, self._found).check()
        steps = Steps(
            self._symbols,
            self._calls,
            self._values,
            self._operations,
            Scope.of_stage(given, self._symbols),
            self._found,
        )
        steps.check(scenario, generated=generated)
        self._check_end(scenario, given)
        for step in scenario.steps:
            self._check_places(step, given, transports)
        check_verdicts(scenario, cells, self._found)

    def finish(self) -> None:
        """Report what only all scenarios together can show."""
        self._calls.report_unknown()
        self._operations.report_unused()

    def _check_restriction(self, scenario: Scenario, cells: Sequence[matrix.Cell]) -> None:
        given = matrix.given(scenario)
        restricted = [key for key in ("transports", "buffered") if key in scenario.keys]
        if given == "nothing":
            for key in restricted:
                self._found.add(
                    "SPEC086",
                    "where nothing is given, there is one test",
                    scenario.where(key),
                    f"leave `{key}` out, or say `given:` what is ready",
                )
        else:
            self._check_transports(scenario, matrix.TRANSPORTS_OF[given], given)
        is_its_own = given == "nothing" and self._talks(scenario, cells)
        if restricted and not scenario.because:
            self._found.add(
                "SPEC086",
                f"a restriction by `{restricted[0]}` needs its reason",
                scenario.where(restricted[0]),
                "add `because:`",
            )
        elif is_its_own and not scenario.because:
            self._found.add(
                "SPEC086",
                "one test with sockets of its own, and on no transport, needs its reason",
                scenario.at,
                "say `given:` what is ready, or add `because:`",
            )
        if not restricted and not is_its_own and scenario.because:
            self._found.add(
                "SPEC086",
                "a reason for a restriction that is not there",
                scenario.where("because"),
                "leave it out, or restrict `transports` or `buffered`",
            )

    def _check_end(self, scenario: Scenario, given: Given) -> None:
        """Check that after a failure something is said of the object that is left."""
        last = scenario.steps[-1] if scenario.steps else None
        if last is None or last.raises is None or last.then:
            return
        if given != "nothing" or last.on is not None:
            self._found.add(
                "SPEC109",
                "the scenario ends with a failure",
                last.where("raises"),
                "say what still works: another step, or `then`",
            )

    def _talks(self, scenario: Scenario, cells: Sequence[matrix.Cell]) -> bool:
        """Tell whether some step is input or output, which a transport could carry."""
        calls = {step.call for step in scenario.steps if step.call is not None}
        calls |= {form.call for cell in cells for form in cell.forms}
        return any(
            not _INPUT_OUTPUT.isdisjoint(entry.tags or ())
            for call in calls
            for entry in self._symbols.called(reference(call).name)
        )

    def _check_transports(self, scenario: Scenario, possible: tuple[str, ...], given: str) -> None:
        transports = scenario.transports
        for index, transport in enumerate(transports or ()):
            at = scenario.where(f"transports.{index}")
            if transport not in matrix.TRANSPORTS:
                self._found.add(
                    "SPEC086",
                    f"unknown transport '{transport}'",
                    at,
                    self._found.did_you_mean(transport, possible, f"one of {', '.join(possible)}"),
                )
            elif transport not in possible:
                self._found.add(
                    "SPEC086",
                    f"given {given}, a scenario cannot run on '{transport}'",
                    at,
                    f"some of {', '.join(possible)}",
                )
            elif transports is not None and transport in transports[:index]:
                self._found.add("SPEC086", f"'{transport}' twice", at, "keep one")
        if transports == ():
            self._found.add(
                "SPEC086", "a scenario for no transport", scenario.where("transports"), "name one"
            )
        if transports is not None and set(transports) == set(possible):
            self._found.add(
                "SPEC086",
                f"these are all transports of a scenario given {given}",
                scenario.where("transports"),
                "leave `transports` out",
            )

    def _check_certificate(self, scenario: Scenario, transports: tuple[str, ...]) -> None:
        if "certificate" not in scenario.keys:
            return
        given = matrix.given(scenario)
        at = scenario.where("certificate")
        serves = given in ("connection", "client", "unwrapped") or (
            given == "unsecured" and any(action.secure == "server" for action in scenario.peer)
        )
        if not serves:
            self._found.add(
                "SPEC103",
                "this peer serves no TLS, and shows no certificate",
                at,
                "the peer serves given connection, client or unwrapped, or by {secure: server}",
            )
        elif not set(transports) <= set(_CERTIFIED):
            self._found.add(
                "SPEC103",
                "not every transport of the scenario has a certificate",
                at,
                f"restrict `transports` to [{', '.join(_CERTIFIED)}]",
            )

    def _check_places(self, step: Step, given: Given, transports: tuple[str, ...]) -> None:
        """Check that the names of the stage that a call uses are there on every transport.

        An operation is another matter: each of its forms takes what its transports have.
        """
        if step.call is None or not transports:
            return
        for name, value in step.with_.items():
            for form in forms_in(value):
                if not isinstance(form, The) or not _is_provided(form.name, given):
                    continue
                at = step.where(f"with.{name}")
                if form.name in _ONLY_ON_UNIX and set(transports) != {"unix"}:
                    self._found.add(
                        "SPEC103",
                        f"there is no '{form.name}' but on unix",
                        at,
                        "restrict `transports` to [unix]",
                    )
                elif form.name in _NEVER_ON_UNIX and "unix" in transports:
                    self._found.add(
                        "SPEC103",
                        f"there is no '{form.name}' on unix",
                        at,
                        "restrict `transports` to others than unix",
                    )


def _is_provided(name: str, given: Given) -> bool:
    provided = matrix.STAGE_NAMES.get(name)
    return provided is not None and given in provided.givens
