"""The oracle's pages: each scenario as a proc in Nim, and what its runner has to know of it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from nimnet_gen import acting
from nimnet_gen.acting import FormOfOperation
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import (
    NimVerdict,
    OperationForm,
    Scenario,
    Statement,
    Step,
)
from nimnet_gen.model.surface import Callable, Const, Module, Type
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.oracle.scope import InexpressibleError, OriginalNames
from nimnet_gen.plan.oracle.source import INDENT, LINE_LENGTH, procedure_name, unique_names
from nimnet_gen.plan.oracle.steps import OracleSteps
from nimnet_gen.plan.oracle.values import NimValues
from nimnet_gen.stage.setting import kinds_of


@dataclass(frozen=True)
class ProcView:
    """One proc: a scenario in one combination of forms."""

    name: str
    comment: str
    body: str


@dataclass(frozen=True)
class ProcsView:
    """The procs of one module of the specification."""

    module: str
    support: str
    procs: tuple[ProcView, ...]


@dataclass(frozen=True)
class OracleView:
    """The program, and the document for its runner."""

    support: str
    modules: tuple[ProcsView, ...]
    document: str


@dataclass(frozen=True)
class _Run:
    """A scenario in one combination of forms, with the transports that it has there."""

    module: Module
    statement: Statement
    scenario: Scenario
    forms: tuple[OperationForm, ...]
    transports: tuple[str, ...]

    @property
    def words(self) -> str:
        """What a proc's name is made of."""
        calls = " ".join(form.call for form in self.forms)
        return f"{self.statement.id} {self.scenario.name} {calls}"


@dataclass(frozen=True)
class _Written:
    """A run in Nim: its body, or why there is none."""

    body: tuple[str, ...] = ()
    inexpressible: str = ""
    dropped: tuple[str, ...] = ()


def oracle_view(api: Api) -> OracleView:
    """Return the view of the oracle."""
    spec, writer = api.spec, _Writer(api)
    runs = [
        run
        for module in spec.modules
        for statement in _statements(module)
        for scenario in statement.scenarios
        for run in writer.runs(module, statement, scenario)
    ]
    names = unique_names(procedure_name(run.words) for run in runs)
    written = [writer.write(run) for run in runs]
    modules: dict[str, list[ProcView]] = {}
    for run, name, code in zip(runs, names, written, strict=True):
        if not code.inexpressible:
            modules.setdefault(run.module.name, []).append(_proc(run, name, code))
    entries = [
        _entry(run, writer, name, code)
        for run, name, code in zip(runs, names, written, strict=True)
    ]
    document = "\n".join(json.dumps(entry, ensure_ascii=False) for entry in entries)
    support = spec.oracle.support
    views = tuple(ProcsView(name, support, tuple(procs)) for name, procs in modules.items())
    return OracleView(support, views, document)


def _statements(module: Module) -> Iterator[Statement]:
    """Yield the statements about what is generated, in the order of the specification."""
    yield from module.statements
    parts: tuple[tuple[Type | Const | Callable, ...], ...] = (
        module.types,
        module.consts,
        module.procs,
    )
    for part in parts:
        for entry in part:
            if entry.omit is None:
                yield from entry.statements


class _Writer:
    def __init__(self, api: Api) -> None:
        spec = api.spec
        self._acting = api.acting
        self._oracle = spec.oracle
        self._failure = spec.stage.failure
        self.names = OriginalNames(spec)
        self._values = NimValues(self._acting.symbols, self.names)
        self.matrix = self._acting.matrix
        self._forms: dict[int, FormOfOperation] = {
            id(form.form): form
            for operation in self.matrix.operations.values()
            for form in acting.forms(operation, self._acting)
        }

    def runs(self, module: Module, statement: Statement, scenario: Scenario) -> Iterator[_Run]:
        """Yield a scenario in each combination of forms that it is tested in."""
        combinations: dict[tuple[int, ...], tuple[tuple[OperationForm, ...], list[str]]] = {}
        for cell in self.matrix.cells(scenario):
            key = tuple(map(id, cell.forms))
            _, transports = combinations.setdefault(key, (cell.forms, []))
            if cell.transport is not None and cell.transport not in transports:
                transports.append(cell.transport)
        for forms, transports in combinations.values():
            yield _Run(module, statement, scenario, forms, tuple(transports))

    def write(self, run: _Run) -> _Written:
        """Return a run in Nim."""
        if run.scenario.names:
            return _Written(inexpressible="Nim asks the system's own resolver")
        used = self.matrix.used(run.scenario)
        forms = {
            operation.name: self._forms[id(form)]
            for operation, form in zip(used, run.forms, strict=True)
        }
        steps = OracleSteps(forms, self._values, self._failure)
        lines: list[str] = []
        try:
            act = self._acting.act(run.scenario)
            for acted in act.steps:
                lines += steps.lines(acted)
        except InexpressibleError as error:
            return _Written(inexpressible=str(error))
        dropped = tuple(dict.fromkeys(steps.dropped))
        if not steps.compared:
            return _Written(inexpressible=f"all that it looks at is {' and '.join(dropped)}")
        if act.subject is not None:
            lines.insert(0, f"let {act.subject} {{.used.}} = {self._oracle.subject}")
        return _Written(tuple(lines), dropped=dropped)


def _proc(run: _Run, name: str, code: _Written) -> ProcView:
    about = ", ".join(filter(None, (run.statement.id, run.scenario.name)))
    calls = " and ".join(form.call for form in run.forms)
    comment = [f"{about} ({calls})" if calls else about, " ".join(run.statement.says.split())]
    body = [f"{INDENT}{line}" for line in code.body]
    return ProcView(name, "\n".join(map(_commented, comment)), "\n".join(body))


@lru_cache(maxsize=64)
def _commented(text: str) -> str:
    """Return a text as a comment of a proc; that of a statement is the same in many."""
    margin = f"{INDENT}## "
    return textwrap.fill(text, LINE_LENGTH, initial_indent=margin, subsequent_indent=margin)


def _entry(run: _Run, writer: _Writer, name: str, code: _Written) -> dict[str, Value]:
    """Return what the runner has to know of a run."""
    scenario, matrix = run.scenario, writer.matrix
    entry: dict[str, Value] = {
        "statement": run.statement.id,
        "scenario": scenario.name,
        "forms": tuple(form.call for form in run.forms),
        "given": matrix.given(scenario).name,
        "transports": run.transports,
    }
    entry["variants"] = {
        variant.name: tuple(
            kind.value
            for kind in kinds_of(variant)
            if scenario.variants.get(variant.name) in (None, kind.value)
        )
        for variant in matrix.stage.variants
    }
    if code.inexpressible:
        return {**entry, "inexpressible": code.inexpressible}
    entry["proc"] = name
    entry["script"] = tuple(action.does for action in scenario.peer)
    entry["settings"] = {
        setting.name: scenario.settings.get(setting.name, setting.default)
        for setting in matrix.stage.settings
    }
    entry["patience"] = tuple(_patience(step, writer.names) for step in scenario.steps)
    if code.dropped:
        entry["dropped"] = code.dropped
    if scenario.nim:
        entry["nim"] = tuple(_verdict(verdict) for verdict in scenario.nim)
    return entry


def _patience(step: Step, names: OriginalNames) -> int:
    """Return for how many milliseconds a step may be at work without a sign of life."""
    return max(names.patience(step.with_, step.raises), step.within[0] if step.within else 0)


def _verdict(verdict: NimVerdict) -> Value:
    """Return a verdict without the limits that it does not have."""
    limits: dict[str, Value] = {
        "sometimes": verdict.sometimes or None,
        "transports": verdict.transports,
        "variants": verdict.variants or None,
        "forms": verdict.forms,
    }
    stated = {key: value for key, value in limits.items() if value is not None}
    return {"observed": verdict.observed, "why": verdict.why, **stated}
