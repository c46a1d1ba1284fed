"""Limits: no more of anything than the other rooms can look at in time.

They hold what stands together against each other: the overloads of a name, the parameters of those,
the tests of a scenario. Of these there are few in anything that a person could read.
"""

from __future__ import annotations

from typing import Final

from nimnet_gen.checks.statements import all_statements
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position
from nimnet_gen.stage.matrix import Matrix

MAX_OVERLOADS: Final = 16
"""How many callables may have one name; in the documented API up to five have."""

MAX_PARAMS: Final = 32
"""How many parameters a callable may have; in the documented API up to ten."""

MAX_HOMONYMS: Final = 100
"""How many enums may have a member of one name."""

MAX_TESTS: Final = 20_000
"""How many tests all scenarios together may be; those of the documented API are 9,000."""


def check_limits(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every count that the time of another room grows with faster than the specification."""
    for name, overloads in symbols.callables.items():
        if len(overloads) > MAX_OVERLOADS:
            at = overloads[MAX_OVERLOADS].where("name")
            _exceed(f"'{name}' has more than {MAX_OVERLOADS} overloads", at, found)
        for entry in overloads:
            if len(entry.params) > MAX_PARAMS:
                at = entry.params[MAX_PARAMS].at
                _exceed(f"'{name}' has more than {MAX_PARAMS} parameters", at, found)
    for name, members in symbols.members.items():
        if len(members) > MAX_HOMONYMS:
            at = members[MAX_HOMONYMS][1].where("name")
            _exceed(f"more than {MAX_HOMONYMS} enums have a member '{name}'", at, found)
    _check_tests(spec, found)


def _check_tests(spec: Spec, found: Diagnostics) -> None:
    matrix = Matrix.of(spec)
    tests = 0
    for statement, _ in all_statements(spec):
        for scenario in statement.scenarios:
            tests += matrix.count(scenario)
            if tests > MAX_TESTS:
                _exceed(
                    f"more than {MAX_TESTS} tests in all scenarios up to here", scenario.at, found
                )
                return


def _exceed(message: str, at: Position, found: Diagnostics) -> None:
    found.add("SPEC011", message, at)
