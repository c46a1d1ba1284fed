"""The matrix: every way in which one scenario is run.

A scenario is data. What is ready when its steps begin (`given`) decides the transports it applies
to, and the variants that it has on each; and a scenario that uses operations runs in each of their
forms. The product of these, less what the scenario restricts, are its cells: one test each.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nimnet_gen.model.evidence import Operation, OperationForm, Scenario
from nimnet_gen.model.stage import Given, Stage
from nimnet_gen.model.surface import Spec
from nimnet_gen.stage import setting
from nimnet_gen.stage.setting import Kind


@dataclass(frozen=True)
class Cell:
    """One test of a scenario: where it runs, and in which form of each of its operations.

    Attributes:
        transport: the transport, or None where what is given is on none.
        kinds: the value of each variant that what is given has.
        forms: the form of each operation that the scenario uses, in the order of first use.
    """

    transport: str | None
    kinds: tuple[Kind, ...]
    forms: tuple[OperationForm, ...]

    @property
    def label(self) -> str:
        """The cell as a test's id has it: `disk-cached-read/3`."""
        return label(self.transport, self.kinds, [form.call for form in self.forms])


@dataclass(frozen=True, eq=False)
class Staged:
    """A scenario with what it has of the stage.

    Attributes:
        scenario: the scenario.
        stage: the stage.
        given: what is ready when the scenario begins.
        transports: what it is to run on; empty where what is given is on no transport.
    """

    scenario: Scenario
    stage: Stage
    given: Given
    transports: tuple[str, ...]


def label(transport: str | None, kinds: Sequence[Kind], calls: Sequence[str]) -> str:
    """Return a test as its id has it; an empty text for one that nothing tells apart."""
    place = [] if transport is None else [transport]
    return "-".join([*place, *(kind.label for kind in kinds), *calls])


def operations_of(spec: Spec) -> Mapping[str, Operation]:
    """Return every operation by its name; of two with one name, the first counts."""
    listed = [operation for module in spec.modules for operation in module.operations]
    return {operation.name: operation for operation in reversed(listed)}


class Matrix:
    """The matrix of all scenarios of a specification."""

    def __init__(self, stage: Stage, operations: Mapping[str, Operation]) -> None:
        """Run scenarios on this stage, with these operations by their names."""
        self.stage = stage
        self.operations = operations

    @classmethod
    def of(cls, spec: Spec) -> Matrix:
        """Return that of a specification."""
        return cls(spec.stage, operations_of(spec))

    def given(self, scenario: Scenario) -> Given:
        """Return what is ready when a scenario begins."""
        return setting.given(scenario, self.stage)

    def staged(self, scenario: Scenario) -> Staged:
        """Return a scenario with what it has of the stage."""
        return Staged(scenario, self.stage, self.given(scenario), self.transports(scenario))

    def transports(self, scenario: Scenario) -> tuple[str, ...]:
        """Return what a scenario is to run on; empty where what is given is on no transport."""
        possible = setting.transports_of(self.given(scenario), self.stage)
        return scenario.transports or possible if possible else ()

    def kinds(self, scenario: Scenario) -> tuple[tuple[Kind, ...], ...]:
        """Return the values of each variant that a scenario is to run in."""
        variants = setting.variants_of(self.given(scenario), self.stage)
        return tuple(
            tuple(
                kind
                for kind in setting.kinds_of(variant)
                if scenario.variants.get(variant.name, kind.value) == kind.value
            )
            for variant in variants
        )

    def used(self, scenario: Scenario) -> tuple[Operation, ...]:
        """Return the operations that a scenario's steps do, in the order of first use."""
        names = dict.fromkeys(step.do for step in scenario.steps if step.do is not None)
        return tuple(self.operations[name] for name in names if name in self.operations)

    def count(self, scenario: Scenario) -> int:
        """Return how many tests a scenario is at most, without making them."""
        most = max((len(operation.forms) for operation in self.used(scenario)), default=1)
        places = len(self.transports(scenario)) or 1
        return places * most * math.prod(map(len, self.kinds(scenario)))

    def cells(self, scenario: Scenario) -> tuple[Cell, ...]:
        """Return a cell for each test of a scenario."""
        used, kinds = self.used(scenario), tuple(itertools.product(*self.kinds(scenario)))
        return tuple(
            Cell(transport, chosen, forms)
            for transport in self.transports(scenario) or (None,)
            for chosen, forms in itertools.product(kinds, _forms_on(transport, used))
        )


def _forms_on(
    transport: str | None, used: Sequence[Operation]
) -> tuple[tuple[OperationForm, ...], ...]:
    """Return the combinations of forms that operations are run in; one empty one without any.

    Of each operation the forms count that exist on the transport. Those of several are paired, the
    shorter lists from their beginning again, so that each form is run and the number of pairs stays
    that of the longest list. There is none if an operation has no form there.
    """
    usable = [
        [
            form
            for form in operation.forms
            if form.transports is None or transport in form.transports
        ]
        for operation in used
    ]
    if not all(usable):
        return ()
    most = max(map(len, usable), default=1)
    return tuple(tuple(forms[number % len(forms)] for forms in usable) for number in range(most))
