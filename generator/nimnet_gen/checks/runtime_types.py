"""The types that the runtime's functions state: those of the values that cross, as far as seen.

Only Python's own simple types are compared. What the runtime says of its classes, and in words of
its own, a type checker has to tell, which reads more than one file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nimnet_gen.naming.crossing import crossing
from nimnet_gen.naming.signatures import Signature
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.runtime.index import RuntimeFunction
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_ACCEPTED_AS: Final[Mapping[str, frozenset[str]]] = {
    "None": frozenset({"None"}),
    "bool": frozenset({"bool", "int", "float"}),
    "bytearray": frozenset({"bytearray"}),
    "bytes": frozenset({"bytes"}),
    "float": frozenset({"float"}),
    "int": frozenset({"int", "float"}),
    "memoryview": frozenset({"memoryview"}),
    "str": frozenset({"str"}),
}
"""The simple types, and as what a value of each is taken."""


def check_runtime_types(
    path: str,
    form: Signature,
    arguments: Sequence[str],
    function: RuntimeFunction,
    symbols: Symbols,
    at: Position,
    found: Diagnostics,
) -> None:
    """Check what is passed to a function of the runtime, and what it gives.

    Args:
        path: Where the function is, with its package.
        form: How the package is called.
        arguments: What generated code passes, each as `name: type`.
        function: The function.
        symbols: The types that there are.
        at: The place in the specification that names the function.
        found: Where faults go.
    """
    for passed, param, stated in zip(
        arguments, function.params, function.annotations, strict=False
    ):
        given = passed.partition(": ")[2]
        if not _fits(given, stated):
            found.add(
                "SPEC095",
                f"'{path}' takes {stated} as '{param}', but is given {given}",
                at,
                f"write `{param}: {given}` there, or state another type here",
            )
    wanted = _result(form, symbols)
    if wanted is not None and not _fits(function.result, wanted):
        found.add(
            "SPEC095",
            f"'{path}' gives {function.result}, but {wanted} is stated",
            at,
            f"write `-> {wanted}` there, or state another type here",
        )


def _result(form: Signature, symbols: Symbols) -> str | None:
    """Return the type that a single result must have; None for several, or where none is used."""
    if len(form.outcomes) != 1:
        return None
    (outcome,) = form.outcomes
    return crossing(outcome.type, outcome.meaning, "result", symbols).text


def _fits(given: str, wanted: str) -> bool:
    """Tell whether every value of one type is of another; where it is not seen, it may be."""
    offered, taken = given.split(" | "), set(wanted.split(" | "))
    if not all(part in _ACCEPTED_AS for part in (*offered, *taken)):
        return True
    return all(_ACCEPTED_AS[part] & taken for part in offered)
