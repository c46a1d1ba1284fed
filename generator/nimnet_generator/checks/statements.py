"""Statements: ids that stay, one for each sentence; scenarios, or a reason for having none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from nimnet_generator.diagnostics import Diagnostics
from nimnet_generator.model import Callable, Const, Spec, Statement, Type
from nimnet_generator.position import Position
from nimnet_generator.symbols import Symbols

_ID: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\.[a-z0-9]+(-[a-z0-9]+)*")


def all_statements(spec: Spec) -> Iterator[tuple[Statement, bool]]:
    """Yield every statement, and whether its subject is generated."""
    for module in spec.modules:
        for statement in module.statements:
            yield statement, True
        defined: tuple[Type | Const | Callable, ...] = (
            *module.types,
            *module.consts,
            *module.procs,
        )
        for entry in defined:
            for statement in entry.statements:
                yield statement, entry.omit is None


def check_statements(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:  # noqa: ARG001  # every room is called alike
    """Check the ids, and that a statement's scenarios can be told apart."""
    first: dict[str, Position] = {}
    for statement, _ in all_statements(spec):
        at = statement.where("id")
        if not _ID.fullmatch(statement.id):
            found.add(
                "SPEC080",
                f"'{statement.id}' is no statement id",
                at,
                "write `symbol.what-it-says`: lower-case words with hyphens after the dot",
            )
        elif statement.id in first:
            taken = first[statement.id]
            found.add(
                "SPEC080",
                f"the id '{statement.id}' is taken",
                at,
                f"by the statement at {taken.file}:{taken.line}:{taken.column}",
            )
        else:
            first[statement.id] = at
        _check_scenarios_of(statement, found)


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
    names: set[str] = set()
    for scenario in statement.scenarios:
        if len(statement.scenarios) > 1 and (not scenario.name or scenario.name in names):
            found.add(
                "SPEC081",
                "one of several scenarios needs a name of its own",
                scenario.where("name"),
                "add `name:` with a few words",
            )
        names.add(scenario.name)
