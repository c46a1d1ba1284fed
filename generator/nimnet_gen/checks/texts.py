"""Texts: where words are owed to a reader, there are some."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from nimnet_gen.checks.statements import all_statements
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.entries import entries_of
from nimnet_gen.model.evidence import Scenario
from nimnet_gen.model.surface import (
    Amendment,
    EnumMember,
    Module,
    ObjectField,
    Param,
    Result,
    Spec,
)
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_Owed = tuple[Located, str, str]
"""An object, the key of a text, and that text."""


def check_texts(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:  # noqa: ARG001  # every room is called alike
    """Check that no text is empty that a reader of the specification or the package is owed."""
    for located, key, text in chain(
        [(spec.package, "doc", spec.package.doc)],
        ((reexport, "doc", reexport.doc) for reexport in spec.package.reexports),
        chain.from_iterable(_of_module(module) for module in spec.modules),
        _of_statements(spec),
    ):
        if not text.strip():
            name = key.rpartition(".")[2]
            there = key in located.keys
            found.add(
                "SPEC027",
                f"'{name}' is empty" if there else f"'{name}' is missing",
                located.where(key),
                "say in words what a reader needs, or leave the key out where it may be"
                if there
                else "say in words what a reader needs",
            )


def _of_module(module: Module) -> Iterator[_Owed]:
    yield module, "doc", module.doc
    for entry in entries_of(module):
        yield entry, "doc", entry.doc
        if entry.omit is not None:
            yield entry, "omit", entry.omit
    for defined in module.types:
        yield from _stated(*defined.members, *defined.params, defined.returns)
        for field in defined.fields:
            # It becomes a property, which has a docstring.
            if defined.omit is None and (field.public or defined.runtime is None):
                yield field, "doc", field.doc
            else:
                yield from _stated(field)
            yield from _phrases(field, field.errors)
    for const in module.consts:
        yield from _reasons(const.amend)
    for proc in module.procs:
        yield from _stated(*proc.params, proc.returns)
        for amendment in proc.amend:
            yield from _stated(amendment.param, amendment.returns)
        yield from _phrases(proc, proc.errors)
        yield from _reasons(proc.amend)
    for operation in module.operations:
        yield operation, "doc", operation.doc


def _stated(*entries: EnumMember | ObjectField | Param | Result | None) -> Iterator[_Owed]:
    """Yield the text of each entry that could do without, but has the key."""
    for entry in entries:
        if entry is not None and "doc" in entry.keys:
            yield entry, "doc", entry.doc


def _phrases(located: Located, errors: Mapping[str, str]) -> Iterator[_Owed]:
    for name, phrase in errors.items():
        yield located, f"errors.{name}", phrase


def _reasons(amendments: Iterable[Amendment]) -> Iterator[_Owed]:
    for amendment in amendments:
        yield amendment, "why", amendment.why


def _of_statements(spec: Spec) -> Iterator[_Owed]:
    for statement, _ in all_statements(spec):
        yield statement, "says", statement.says
        if statement.untested is not None:
            yield statement, "untested", statement.untested
        if "later" in statement.keys:
            yield statement, "later", statement.later
        for scenario in statement.scenarios:
            yield from _of_scenario(scenario)


def _of_scenario(scenario: Scenario) -> Iterator[_Owed]:
    if "because" in scenario.keys:
        yield scenario, "because", scenario.because
    for verdict in scenario.nim:
        yield verdict, "why", verdict.why
    for step in scenario.steps:
        if step.message is not None:
            yield step, "message", step.message
