"""What the harness and the generator each say for themselves, because neither needs the other."""

from __future__ import annotations

import typing
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from harness import actions
from harness.credentials import Certificate
from harness.peer import Given, Peer
from harness.scenario import Place
from harness.specifications import real_spec
from nimnet_gen.checks.statements import all_statements
from nimnet_gen.checks.verdicts import _is_about
from nimnet_gen.model.evidence import Scenario, Statement
from nimnet_gen.model.stage import NOTHING, StageName
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan.imports import Imports
from nimnet_gen.plan.layout import flat
from nimnet_gen.plan.tests.scripts import action as written_action
from nimnet_gen.stage.matrix import Matrix
from nimnet_gen.testing.matrix import Form, scenario
from nimnet_gen.testing.oracle.cells import Run, cells, read_runs
from oracle.peers import action as read_action

ROOT = Path(__file__).parents[2]


def _call() -> None:
    """Stand for the call of any form."""


@pytest.fixture(scope="module")
def spec() -> Spec:
    return real_spec()


@pytest.fixture(scope="module")
def runs() -> list[Run]:
    return read_runs(ROOT / "generated" / "oracle" / "scenarios.jsonl")


def scenarios(spec: Spec) -> Iterator[tuple[Statement, Scenario]]:
    for statement, _ in all_statements(spec):
        for planned in statement.scenarios:
            yield statement, planned


def test_both_make_the_same_cells(spec: Spec) -> None:
    matrix = Matrix.of(spec)
    paired = 0
    for statement, planned in scenarios(spec):
        used = matrix.used(planned)
        paired += len(used) > 1 and any(
            form.transports for operation in used for form in operation.forms
        )

        variants: dict[str, Sequence[bool | str]] = {
            kinds[0].variant: [kind.value for kind in kinds] for kinds in matrix.kinds(planned)
        }

        def test(**values: object) -> None:
            """Stand for a generated test."""

        scenario(
            statement.id,
            planned.name,
            transports=matrix.transports(planned) or None,
            **variants,
            **{
                operation.name: [
                    Form(form.call, _call, form.transports) for form in operation.forms
                ]
                for operation in used
            },
        )(test)
        (mark,) = test.pytestmark  # type: ignore[attr-defined]  # which pytest adds
        labels = [cell.id for cell in mark.args[1]] if mark.name == "parametrize" else [""]
        assert labels == [cell.label for cell in matrix.cells(planned)], statement.id
    assert paired, "no scenario pairs forms of which some are not everywhere"


def test_both_limit_a_verdict_to_the_same_cells(spec: Spec, runs: Sequence[Run]) -> None:
    matrix = Matrix.of(spec)
    planned_cells = {
        (statement.id, planned.name, cell.label): (planned, cell)
        for statement, planned in scenarios(spec)
        for cell in matrix.cells(planned)
    }
    limited = 0
    for asked in cells(runs):
        run = asked.run
        label = "-".join([*asked.place, *run["forms"]])
        planned, cell = planned_cells[run["statement"], run["scenario"], label]
        if "inexpressible" in run:
            continue
        meant = [verdict.observed for verdict in planned.nim if _is_about(verdict, cell)]
        assert [verdict["observed"] for verdict in asked.verdicts()] == meant, str(asked)
        limited += len(meant) < len(planned.nim)
    assert limited, "no verdict is limited to some of the cells"


def test_both_read_the_same_script(spec: Spec, runs: Sequence[Run]) -> None:
    scripts = {
        (statement.id, planned.name): [
            flat(written_action(entry, spec.stage, Imports())) for entry in planned.peer
        ]
        for statement, planned in scenarios(spec)
    }
    kinds = set()
    for run in runs:
        if "inexpressible" in run:
            continue
        # The generated test constructs the actions as it is written here.
        written = [
            eval(construction, vars(actions))
            for construction in scripts[run["statement"], run["scenario"]]
        ]
        assert [read_action(action) for action in run["script"]] == written, run["statement"]
        kinds |= {type(action) for action in written}
    assert kinds == set(actions.Action.__subclasses__())


def test_both_know_the_same_beginnings(spec: Spec) -> None:
    described = [given.name for given in spec.stage.givens]
    assert list(typing.get_args(Given)) == [*described, NOTHING]


def test_both_know_the_same_settings(spec: Spec) -> None:
    (setting,) = spec.stage.settings
    assert setting.name == "certificate"
    assert typing.get_args(Certificate) == setting.choices


@pytest.mark.parametrize("name", real_spec().stage.names, ids=lambda name: str(name.name))
def test_a_name_of_the_stage_is_one_of_the_harness(name: StageName, spec: Spec) -> None:
    assert hasattr(Place, name.name), "a generated test says it of the place"
    if name.type in {known.type for known in spec.oracle.names}:
        assert hasattr(Peer, name.name), "the oracle asks the peer for it"
