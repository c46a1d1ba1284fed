"""What the harness and the generator each say for themselves, because neither needs the other."""

from __future__ import annotations

import typing
from pathlib import Path

import nimnet_generator.evidence
import pytest
from harness.matrix import Form, scenario
from harness.peer import Given, Peer
from harness.scenario import Place
from nimnet_generator import matrix
from nimnet_generator.checks.statements import all_statements
from nimnet_generator.load import load_spec

SPEC = Path(__file__).parents[2] / "spec" / "net"


def _call() -> None:
    """Stand for the call of any form."""


@pytest.mark.parametrize("identifier", ["connect.handshake", "connect.tries-each-address"])
def test_both_make_the_same_cells(identifier: str) -> None:
    spec, found = load_spec(SPEC)
    assert spec is not None, found.render()
    operations = matrix.operations_of(spec)
    ((statement, _),) = [entry for entry in all_statements(spec) if entry[0].id == identifier]
    paired = 0
    for planned in statement.scenarios:
        used = matrix.operations_used(planned, operations)
        paired += len(used) > 1 and any(
            form.transports for operation in used for form in operation.forms
        )

        def test(**values: object) -> None:
            """Stand for a generated test."""

        scenario(
            statement.id,
            planned.name,
            transports=planned.transports or matrix.TRANSPORTS_OF[matrix.given(planned)],
            buffered=(True, False) if planned.buffered is None else (planned.buffered,),
            **{
                operation.name: [
                    Form(form.call, _call, form.transports) for form in operation.forms
                ]
                for operation in used
            },
        )(test)
        (mark,) = test.pytestmark  # type: ignore[attr-defined]  # which pytest adds
        labels = [cell.id for cell in mark.args[1]]
        assert labels == [cell.label for cell in matrix.cells(planned, operations)]
    assert paired, "no scenario pairs forms of which some are not everywhere"


def test_both_know_the_same_beginnings() -> None:
    assert typing.get_args(Given) == typing.get_args(nimnet_generator.evidence.Given)


@pytest.mark.parametrize("name", matrix.STAGE_NAMES)
def test_a_name_of_the_stage_is_one_of_the_harness(name: str) -> None:
    assert hasattr(Place, name), "a generated test says it of the place"
    assert hasattr(Peer, name), "the oracle asks the peer for it"
