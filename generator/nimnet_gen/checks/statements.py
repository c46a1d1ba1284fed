"""Statements: ids that stay, one for each sentence; scenarios, or a reason for having none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nimnet_gen.model.entries import entries_of
from nimnet_gen.model.evidence import Statement
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming import names
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[a-z0-9]+(-[a-z0-9]+)*")


def all_statements(spec: Spec) -> Iterator[tuple[Statement, bool]]:
    """Yield every statement, and whether its subject is generated."""
    for _, statement, is_generated in _placed(spec):
        yield statement, is_generated


def _placed(spec: Spec) -> Iterator[tuple[str, Statement, bool]]:
    """Yield every statement with the Python name that it stands at: its entry's or its module's."""
    for module in spec.modules:
        for statement in module.statements:
            yield module.name, statement, True
        for entry in entries_of(module):
            for statement in entry.statements:
                yield names.symbol_name(entry), statement, entry.omit is None


def check_statements(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:  # noqa: ARG001  # every room is called alike
    """Check the ids, and that a statement's scenarios can be told apart."""
    first: dict[str, Position] = {}
    for symbol, statement, _ in _placed(spec):
        at = statement.where("id")
        if not _ID.fullmatch(statement.id):
            found.add(
                "SPEC080",
                f"'{statement.id}' is no statement id",
                at,
                "write `symbol.what-it-says`: lower-case words with hyphens after the dot",
            )
        elif statement.id in first:
            found.add("SPEC080", f"the id '{statement.id}' is taken", at, _by(first[statement.id]))
        else:
            first[statement.id] = at
            _check_symbol(statement, symbol, found)
        _check_scenarios_of(statement, found)


def _by(taken: Position) -> str:
    return f"by the one at {taken.file}:{taken.line}:{taken.column}"


def _check_symbol(statement: Statement, symbol: str, found: Diagnostics) -> None:
    """Check that an id begins with the Python name of what the statement is about."""
    begun, _, says = statement.id.partition(".")
    if begun != symbol:
        found.add(
            "SPEC080",
            f"the statement is about '{symbol}', not about '{begun}'",
            statement.where("id"),
            found.did_you_mean(
                statement.id,
                [f"{symbol}.{says}"],
                f"begin the id with the Python name of where it stands: '{symbol}.{says}'",
            ),
        )


def check_evidence(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:  # noqa: ARG001  # every room is called alike
    """Check that each statement has scenarios, or says why none can check it."""
    for statement, _ in all_statements(spec):
        if "scenarios" not in statement.keys and statement.untested is None:
            found.add(
                "SPEC088",
                f"nothing checks the statement '{statement.id}'",
                statement.where("id"),
                "add `scenarios:`, or `untested:` with the reason why none can check it",
            )


def check_stated(spec: Spec, found: Diagnostics) -> None:
    """Check that something is stated of each callable of a module that has scenarios."""
    for module in spec.modules:
        entries = (*entries_of(module), module)
        has_scenarios = any(one.scenarios for entry in entries for one in entry.statements)
        for entry in module.procs if has_scenarios else ():
            # What is stated of a constructor is stated of its class.
            is_stated = bool(entry.statements) or entry.kind == "constructor"
            if entry.omit is None and not is_stated:
                found.add(
                    "SPEC111",
                    f"nothing is stated of '{entry.name}'",
                    entry.where("name"),
                    "add `statements:` with what the documentation promises, each with its "
                    "`scenarios:` or, with `untested:`, the reason why none can check it",
                )


def _check_scenarios_of(statement: Statement, found: Diagnostics) -> None:
    if "scenarios" in statement.keys and not statement.scenarios:
        found.add(
            "SPEC088",
            f"an empty list of scenarios checks nothing of '{statement.id}'",
            statement.where("scenarios"),
            "add a scenario, or say with `untested:` why none can check it",
        )
    if statement.untested is not None and statement.scenarios:
        found.add(
            "SPEC081",
            "a statement with scenarios is not untested",
            statement.where("untested"),
            "keep the scenarios or the reason",
        )
    _check_names(statement, found)


def _check_names(statement: Statement, found: Diagnostics) -> None:
    """Check that several scenarios can be told apart."""
    first: dict[str, Position] = {}
    for scenario in statement.scenarios if len(statement.scenarios) > 1 else ():
        at = scenario.where("name")
        if not scenario.name:
            found.add(
                "SPEC081",
                "one of several scenarios needs a name of its own",
                at,
                "add `name:` with a few words",
            )
        elif scenario.name in first:
            found.add(
                "SPEC081", f"the name '{scenario.name}' is taken", at, _by(first[scenario.name])
            )
        else:
            first[scenario.name] = at
