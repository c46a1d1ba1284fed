"""A callable as the package has it: what the documentation states, with the amendments applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from nimnet_gen.model.surface import Callable, Param, Result

BUILTIN_EXCEPTIONS: Final = frozenset(
    {"EOFError", "Exception", "IOError", "IndexError", "KeyError", "OSError", "OverflowError"}
    | {"StopIteration", "ValueError"}
)
"""The exceptions of Nim's own that a contract may name; Python has each under the same name."""

_ONE_IN_PYTHON: Final[Mapping[str, str]] = {"IOError": "OSError"}
"""Nim's exceptions that are the same class in Python."""

_kept = lru_cache(maxsize=1024)
"""What is asked of a callable at each of the steps that call it."""


def raises(entry: Callable) -> tuple[str, ...] | None:
    """Return the contract in Nim's names, amended; None where nothing states one."""
    amended = [amendment.raises for amendment in entry.amend if amendment.raises is not None]
    return amended[-1] if amended else entry.raises


@_kept
def contract(entry: Callable) -> tuple[str, ...]:
    """Return the exceptions that may leave the call, in order, each Python class once."""
    names = (_ONE_IN_PYTHON.get(name, name) for name in raises(entry) or ())
    return tuple(dict.fromkeys(names))


@_kept
def result(entry: Callable) -> Result | None:
    """Return the result, amended; None for none. That of an iterator is all that it yields."""
    amended = [amendment.returns for amendment in entry.amend if amendment.returns is not None]
    chosen = amended[-1] if amended else entry.returns
    if chosen is None or chosen.type == "void":
        return None
    if entry.kind == "iterator" and not amended:
        return replace(chosen, type=f"seq[{chosen.type}]")
    return chosen


@_kept
def params(entry: Callable) -> tuple[Param, ...]:
    """Return the parameters in documented order; an amendment replaces the keys that it states."""
    restated = {
        amendment.param.name: amendment.param
        for amendment in entry.amend
        if amendment.param is not None
    }
    return tuple(
        _merged(param, restated[param.name]) if param.name in restated else param
        for param in entry.params
    )


def _merged(documented: Param, amended: Param) -> Param:
    stated = amended.keys
    return replace(
        documented,
        keys={**documented.keys, **stated},
        type=amended.type if "type" in stated else documented.type,
        default=amended.default if "default" in stated else documented.default,
        mode=amended.mode if "mode" in stated else documented.mode,
        as_=amended.as_ if "as" in stated else documented.as_,
        doc=amended.doc if "doc" in stated else documented.doc,
        python=amended.python if "python" in stated else documented.python,
    )
