"""Joining the specification with the results of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final, cast

from nimnet_gen.model.entries import Entry, entries_of
from nimnet_gen.model.evidence import Scenario as SpecScenario
from nimnet_gen.model.evidence import Statement as SpecStatement
from nimnet_gen.model.stage import Stage
from nimnet_gen.model.surface import Callable, Module, Spec
from nimnet_gen.naming import names
from nimnet_gen.plan.layout import one_line
from nimnet_gen.report.document import (
    NO_PEER,
    VERSION,
    Asked,
    Cell,
    Counts,
    Document,
    Outcome,
    Scenario,
    Statement,
    Totals,
    Trial,
)
from nimnet_gen.report.results import NimResult, Ran, Result, ResultsError
from nimnet_gen.report.verdicts import verdict
from nimnet_gen.report.wording import action_text, answer_text, restriction_text, step_text
from nimnet_gen.stage import matrix
from nimnet_gen.stage.matrix import Matrix
from nimnet_gen.stage.setting import Kind, chosen, kinds_of

_WORST_FIRST: Final[tuple[Outcome, ...]] = ("failed", "not run", "skipped", "passed")
_NOT_ASKED: Final = "Nim was not asked in this run."


def assembled(spec: Spec, results: Sequence[Result], nim: Sequence[NimResult] | None) -> Document:
    """Return the report for machines.

    Args:
        spec: The specification without faults.
        results: What the tests of the matrix gave.
        nim: What Nim did, or None where it was not asked.

    Raises:
        ResultsError: A result is of a test that the specification does not have.
    """
    found: dict[Ran, Result] = {}
    for result in results:
        known = found.get(result.ran)
        if known is None or _rank(result.outcome) < _rank(known.outcome):
            found[result.ran] = result
    answers: dict[tuple[str, str], list[NimResult]] = {}
    order = _Order(spec.stage)
    for answer in sorted(nim or (), key=lambda answer: order.of(answer.ran)):
        answers.setdefault((answer.ran.statement, answer.ran.scenario), []).append(answer)
    asked = Asked(asked=nim is not None, reason="" if nim is not None else _NOT_ASKED)
    statements = list(_Assembly(spec, found, answers, asked).statements())
    _check_known(results, nim or (), statements)
    return Document(
        version=VERSION,
        package=spec.package.name,
        source=spec.package.source,
        nim=asked,
        totals=_totals(statements, _columns(spec.stage)),
        files=[file for module in spec.modules for file in _files(module)],
        statements=statements,
    )


def _files(module: Module) -> Iterable[str]:
    """Return the files in which a module and its statements stand."""
    stated = chain(module.statements, *(entry.statements for entry in entries_of(module)))
    return dict.fromkeys((module.at.file, *(statement.at.file for statement in stated)))


class _Assembly:
    """The results by what they are of, and the specification that asks for them."""

    def __init__(
        self,
        spec: Spec,
        found: Mapping[Ran, Result],
        answers: Mapping[tuple[str, str], Sequence[NimResult]],
        asked: Asked,
    ) -> None:
        self._spec = spec
        self._found = found
        self._answers = answers
        self._asked = asked
        self._matrix = Matrix.of(spec)

    def statements(self) -> Iterator[Statement]:
        for module in self._spec.modules:
            for statement in module.statements:
                yield self._statement(module, None, 0, statement)
            overloads = _overloads(module)
            for entry in entries_of(module):
                for statement in entry.statements:
                    yield self._statement(module, entry, overloads.get(id(entry), 0), statement)

    def _statement(
        self, module: Module, entry: Entry | None, overload: int, statement: SpecStatement
    ) -> Statement:
        at = statement.where("id")
        return Statement(
            id=statement.id,
            says=one_line(statement.says),
            file=at.file,
            line=at.line,
            module=module.name,
            symbol=entry.name if entry is not None else module.name,
            overload=overload,
            python=names.symbol_name(entry) if entry is not None else module.name,
            extension=statement.extension,
            since=one_line(statement.since or ""),
            later=one_line(statement.later),
            untested=None if statement.untested is None else one_line(statement.untested),
            scenarios=[self._scenario(statement, scenario) for scenario in statement.scenarios],
        )

    def _scenario(self, statement: SpecStatement, scenario: SpecScenario) -> Scenario:
        stage = self._spec.stage
        planned = self._matrix.cells(scenario)
        trials = [self._trial(statement, scenario, cell) for cell in planned]
        cells = [
            Cell(transport=column, outcome=_worst(those), **_counts(those))
            for column in _columns(stage)
            if (those := [trial for trial in trials if (trial["transport"] or NO_PEER) == column])
        ]
        return Scenario(
            name=scenario.name,
            file=scenario.at.file,
            line=scenario.at.line,
            given=self._matrix.given(scenario).name,
            settings=dict(chosen(scenario, stage)),
            resolver=[answer_text(host, answer) for host, answer in scenario.names.items()],
            peer=[action_text(action, stage) for action in scenario.peer],
            steps=[step_text(step) for step in scenario.steps],
            restriction=restriction_text(scenario, stage),
            because=one_line(scenario.because),
            forms=len({cell.forms for cell in planned}),
            outcome=_worst(trials),
            cells=cells,
            tests=trials,
            nim=verdict(
                scenario, self._answers.get((statement.id, scenario.name), ()), self._asked
            ),
        )

    def _trial(self, statement: SpecStatement, scenario: SpecScenario, cell: matrix.Cell) -> Trial:
        forms = tuple(form.call for form in cell.forms)
        result = self._found.get(
            Ran(statement.id, scenario.name, cell.transport, cell.kinds, forms)
        )
        return Trial(
            label=cell.label,
            transport=cell.transport,
            variants={kind.variant: kind.value for kind in cell.kinds},
            forms=list(forms),
            outcome="not run" if result is None else cast(Outcome, result.outcome),
            duration=0.0 if result is None else result.duration,
            text="" if result is None else result.text,
        )


def _columns(stage: Stage) -> tuple[str, ...]:
    """Return the places that tests run in, in the order of the report."""
    return (NO_PEER, *stage.transports)


class _Order:
    """The order of the tests of a scenario, which end in any order."""

    def __init__(self, stage: Stage) -> None:
        self._columns = _columns(stage)
        every = (kind for variant in stage.variants for kind in kinds_of(variant))
        self._kinds = {kind: number for number, kind in enumerate(every)}

    def of(self, ran: Ran) -> tuple[int, tuple[int, ...], tuple[str, ...]]:
        """Return where a test stands; one of an unknown transport behind all others."""
        place = ran.transport or NO_PEER
        known = place in self._columns
        number = self._columns.index(place) if known else len(self._columns)
        return number, tuple(self._kinds[kind] for kind in ran.kinds), ran.forms


def _rank(outcome: str) -> int:
    return next(rank for rank, known in enumerate(_WORST_FIRST) if known == outcome)


def _worst(trials: Iterable[Trial]) -> Outcome:
    return min((trial["outcome"] for trial in trials), key=_rank, default="not run")


def _counts(trials: Iterable[Trial]) -> Counts:
    outcomes = [trial["outcome"] for trial in trials]
    return Counts(
        planned=len(outcomes),
        passed=outcomes.count("passed"),
        failed=outcomes.count("failed"),
        skipped=outcomes.count("skipped"),
        not_run=outcomes.count("not run"),
    )


def _totals(statements: Sequence[Statement], columns: Sequence[str]) -> Totals:
    scenarios = [scenario for statement in statements for scenario in statement["scenarios"]]
    trials = [trial for scenario in scenarios for trial in scenario["tests"]]
    verdicts = [scenario["nim"]["verdict"] for scenario in scenarios]
    return Totals(
        statements=len(statements),
        own=sum(statement["extension"] for statement in statements),
        since=sum(bool(statement["since"]) for statement in statements),
        tested=sum(bool(statement["scenarios"]) for statement in statements),
        untested=sum(statement["untested"] is not None for statement in statements),
        scenarios=len(scenarios),
        forms=sum(scenario["forms"] for scenario in scenarios),
        tests=_counts(trials),
        transports={
            column: _counts(those)
            for column in columns
            if (those := [trial for trial in trials if (trial["transport"] or NO_PEER) == column])
        },
        nim={name: verdicts.count(name) for name in dict.fromkeys(sorted(verdicts))},
    )


def _overloads(module: Module) -> dict[int, int]:
    """Return the number of each callable that is one of several of its name."""
    by_name: dict[str, list[Callable]] = {}
    for proc in module.procs:
        by_name.setdefault(proc.name, []).append(proc)
    return {
        id(proc): number
        for several in by_name.values()
        if len(several) > 1
        for number, proc in enumerate(several, start=1)
    }


def _check_known(
    results: Iterable[Result], nim: Iterable[NimResult], statements: Iterable[Statement]
) -> None:
    """Refuse results of another specification, which would silently be missing otherwise."""
    known = {
        Ran(
            statement["id"],
            scenario["name"],
            trial["transport"],
            tuple(Kind(name, value) for name, value in trial["variants"].items()),
            tuple(trial["forms"]),
        )
        for statement in statements
        for scenario in statement["scenarios"]
        for trial in scenario["tests"]
    }
    named = {(ran.statement, ran.scenario) for ran in known}
    for result in results:
        if result.ran not in known:
            raise ResultsError(_unknown(result.ran))
    for answer in nim:
        if (answer.ran.statement, answer.ran.scenario) not in named:
            raise ResultsError(_unknown(answer.ran))


def _unknown(ran: Ran) -> str:
    name = f" ({ran.scenario})" if ran.scenario else ""
    return (
        f"a result is of {ran.statement}{name} [{ran.label}], which is no test of this "
        "specification; run `nimnet-gen generate` and then `make conformance`"
    )
