"""The matrix of the real specification: nothing that can be run is left out."""

from __future__ import annotations

import pytest
from harness.specifications import real_spec
from nimnet_gen.checks.statements import all_statements
from nimnet_gen.model.evidence import Operation
from nimnet_gen.model.surface import Spec
from nimnet_gen.stage import setting
from nimnet_gen.stage.matrix import Matrix


@pytest.fixture(scope="module")
def spec() -> Spec:
    return real_spec()


def test_each_form_is_run_on_each_transport_that_has_it(spec: Spec) -> None:
    matrix = Matrix.of(spec)
    several = 0
    for statement, _ in all_statements(spec):
        for scenario in statement.scenarios:
            used = matrix.used(scenario)
            several += len(used) > 1
            cells = matrix.cells(scenario)
            for transport in {cell.transport for cell in cells}:
                run = {
                    (number, id(form))
                    for cell in cells
                    if cell.transport == transport
                    for number, form in enumerate(cell.forms)
                }
                assert run == _usable(used, transport), (statement.id, scenario.name, transport)
    assert several, "no scenario pairs the forms of several operations"


def _usable(used: tuple[Operation, ...], transport: str | None) -> set[tuple[int, int]]:
    """Return the forms that exist on a transport, each with its operation's number."""
    return {
        (number, id(form))
        for number, operation in enumerate(used)
        for form in operation.forms
        if form.transports is None or transport in form.transports
    }


def test_a_transport_is_left_out_only_if_an_operation_is_not_there(spec: Spec) -> None:
    matrix = Matrix.of(spec)
    for statement, _ in all_statements(spec):
        for scenario in statement.scenarios:
            given = matrix.given(scenario)
            listed = scenario.transports or setting.transports_of(given, spec.stage) or (None,)
            used = matrix.used(scenario)
            run = {cell.transport for cell in matrix.cells(scenario)}
            for transport in set(listed) - run:
                there = {number for number, _ in _usable(used, transport)}
                assert len(there) < len(used), (statement.id, scenario.name, transport)
