"""The data of scenarios against Nim's types: what a step may give, and what a call can return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from nimnet_generator.checks.defaults import integer_range
from nimnet_generator.model import StringMeaning, Value
from nimnet_generator.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    NimType,
    PythonType,
    SetOf,
    TupleOf,
    UnionOf,
)
from nimnet_generator.python_types import INTEGERS, SOCKET_ADDRESSES, STRINGS
from nimnet_generator.signatures import Outcome
from nimnet_generator.symbols import Symbols

_MOST_BYTES: Final = 1 << 30
"""What {repeat, times} may come to; more would only exhaust the machine that tests."""


class Values:
    """Tells what is wrong with a value for a type, in words, or None if nothing is."""

    def __init__(self, symbols: Symbols) -> None:
        """Look names up in `symbols`."""
        self._symbols = symbols

    def is_data(self, value: Value) -> bool:
        """Tell whether a value stands for bytes: a text, or a text so many times."""
        if isinstance(value, str):
            return True
        if not isinstance(value, Mapping) or value.keys() != {"repeat", "times"}:
            return False
        text, times = value["repeat"], value["times"]
        if not isinstance(text, str) or isinstance(times, bool) or not isinstance(times, int):
            return False
        return 0 <= times * max(len(text), 1) <= _MOST_BYTES

    def misfit_of_results(self, value: Value, outcomes: Sequence[Outcome]) -> str | None:
        """Check a value against the results of a call."""
        if not outcomes:
            return None if value is None else "it returns nothing"
        if len(outcomes) == 1:
            return self.misfit(value, outcomes[0].type, outcomes[0].meaning)
        return self._misfit_of_list(value, [(item.type, item.meaning) for item in outcomes])

    def _misfit_of_list(
        self, value: Value, wanted: list[tuple[NimType, StringMeaning | None]]
    ) -> str | None:
        if not isinstance(value, tuple) or len(value) != len(wanted):
            given = f"of {len(value)}" if isinstance(value, tuple) else _show(value)
            return f"a list of {len(wanted)} values is expected, not {given}"
        wrong = (
            self.misfit(item, node, meaning)
            for item, (node, meaning) in zip(value, wanted, strict=True)
        )
        return next((reason for reason in wrong if reason is not None), None)

    def misfit(self, value: Value, node: NimType, meaning: StringMeaning | None) -> str | None:
        """Check a value against one type."""
        match node:
            case Named(name):
                return self._misfit_of_name(value, name, meaning)
            case SetOf(Named(name)):
                return self._misfit_of_set(value, name)
            case TupleOf(items):
                return self._misfit_of_list(value, [(item, meaning) for item in items])
            case ArrayOf():
                return None if self.is_data(value) else "a text or {repeat, times} is expected"
            case UnionOf(members):
                reasons = [self.misfit(value, member, meaning) for member in members]
                return None if None in reasons else reasons[0]
            case PythonType() | GenericOf() | SetOf():  # pragma: no branch - the last case
                return None

    def _misfit_of_name(self, value: Value, name: str, meaning: StringMeaning | None) -> str | None:
        limits = integer_range(name, self._symbols)
        if limits is not None:
            return self._misfit_of_integer(value, limits)
        if name == "bool":
            return (
                None
                if isinstance(value, bool)
                else f"true or false is expected, not {_show(value)}"
            )
        if name == "pointer":
            # A buffer is given by its content, or by its size alone.
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return None
            return (
                None if self.is_data(value) else f"a text or a size is expected, not {_show(value)}"
            )
        if name in STRINGS and meaning == "text":
            return None if isinstance(value, str) else f"a text is expected, not {_show(value)}"
        if name in STRINGS or name in SOCKET_ADDRESSES or name == "typed":
            expected = "a text or {repeat, times} is expected"
            return None if self.is_data(value) else f"{expected}, not {_show(value)}"
        defined = self._symbols.types.get(name)
        if defined is None:
            return None
        if defined.kind == "enum":
            return self._misfit_of_member(value, name)
        return None if isinstance(value, str) else f"a text is expected, not {_show(value)}"

    def _misfit_of_integer(self, value: Value, limits: tuple[int, int]) -> str | None:
        if isinstance(value, str):
            const = self._symbols.consts.get(value)
            implied = self._symbols.const_type(const) if const is not None else None
            if isinstance(implied, Named) and implied.name in INTEGERS:
                return None
        if isinstance(value, bool) or not isinstance(value, int):
            return f"a whole number is expected, not {_show(value)}"
        if not limits[0] <= value <= limits[1]:
            return f"a number from {limits[0]} to {limits[1]} is expected, not {value}"
        return None

    def _misfit_of_member(self, value: Value, enum: str) -> str | None:
        members = [member.name for member in self._symbols.types[enum].members]
        if isinstance(value, str) and value in members:
            return None
        return f"a member of {enum} is expected, not {_show(value)}"

    def _misfit_of_set(self, value: Value, enum: str) -> str | None:
        if not isinstance(value, tuple):
            return f"a list of members of {enum} is expected, not {_show(value)}"
        if enum not in self._symbols.types:
            return None
        wrong = (self._misfit_of_member(item, enum) for item in value)
        return next((reason for reason in wrong if reason is not None), None)


def _show(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"'{value if len(value) <= 40 else value[:40] + '...'}'"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, tuple) else str(value)
