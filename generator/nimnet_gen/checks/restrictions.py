"""Where a scenario runs: its transports and variants, and the reason for not running everywhere."""

from __future__ import annotations

from collections.abc import Sequence

from nimnet_gen.model.evidence import Scenario
from nimnet_gen.model.stage import NOTHING, Given
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.stage import setting
from nimnet_gen.stage.matrix import Cell, Matrix


class Restrictions:
    """The checks of what scenarios are restricted to."""

    def __init__(self, symbols: Symbols, matrix: Matrix, found: Diagnostics) -> None:
        """Check against this matrix."""
        self._symbols = symbols
        self._matrix = matrix
        self._stage = matrix.stage
        self._found = found

    def check(self, scenario: Scenario, cells: Sequence[Cell]) -> None:
        """Check a scenario with these tests."""
        given = self._matrix.given(scenario)
        has = [variant.name for variant in setting.variants_of(given, self._stage)]
        restricted = [key for key in ("transports", *scenario.variants) if key in scenario.keys]
        for key in restricted:
            if key in has or (key == "transports" and given.transports is not None):
                continue
            if given.name == NOTHING:
                fault = "where nothing is given, there is one test"
            else:
                fault = f"given {given.name}, there is no `{key}` to choose"
            hint = f"leave `{key}` out, or say `given:` what is ready"
            self._found.add("SPEC086", fault, scenario.where(key), hint)
        if given.transports is not None:
            self._check_transports(scenario, given)
        self._check_reason(scenario, given, restricted, cells)
        if not cells and scenario.transports != ():
            self._found.add(
                "SPEC086",
                "no form of its operations runs on its transports",
                scenario.at,
                "widen `transports`",
            )

    def _check_reason(
        self, scenario: Scenario, given: Given, restricted: Sequence[str], cells: Sequence[Cell]
    ) -> None:
        """Check that a scenario has a reason if it needs one, and none otherwise."""
        own = self._stage.own_means
        is_its_own = given.name == NOTHING and self._has_own_means(scenario, cells)
        if restricted and not scenario.because:
            self._found.add(
                "SPEC086",
                f"a restriction by `{restricted[0]}` needs its reason",
                scenario.where(restricted[0]),
                "add `because:`",
            )
        elif own is not None and is_its_own and not scenario.because:
            self._found.add(
                "SPEC086",
                f"one test with {own.says}, and on no transport, needs its reason",
                scenario.at,
                "say `given:` what is ready, or add `because:`",
            )
        if not restricted and not is_its_own and scenario.because:
            keys = ["transports", *(variant.name for variant in self._stage.variants)]
            self._found.add(
                "SPEC086",
                "a reason for a restriction that is not there",
                scenario.where("because"),
                f"leave it out, or restrict {' or '.join(f'`{key}`' for key in keys)}",
            )

    def _has_own_means(self, scenario: Scenario, cells: Sequence[Cell]) -> bool:
        """Tell whether some step has an effect that the stage would give it the means for."""
        own = self._stage.own_means
        if own is None:
            return False
        calls = {step.call for step in scenario.steps if step.call is not None}
        calls |= {form.call for cell in cells for form in cell.forms}
        return any(
            not set(own.tags).isdisjoint(entry.tags or ())
            for call in calls
            for entry in self._symbols.called(call.partition("/")[0])
        )

    def _check_transports(self, scenario: Scenario, given: Given) -> None:
        transports = scenario.transports
        possible = setting.transports_of(given, self._stage)
        for index, transport in enumerate(transports or ()):
            at = scenario.where(f"transports.{index}")
            if transport not in self._stage.transports:
                self._found.add(
                    "SPEC086",
                    f"unknown transport '{transport}'",
                    at,
                    self._found.did_you_mean(transport, possible, f"one of {', '.join(possible)}"),
                )
            elif transport not in possible:
                self._found.add(
                    "SPEC086",
                    f"given {given.name}, a scenario cannot run on '{transport}'",
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
                f"these are all transports of a scenario given {given.name}",
                scenario.where("transports"),
                "leave `transports` out",
            )
