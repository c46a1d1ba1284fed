"""How scenarios, operations and people refer to a callable: its name, or one of its overloads.

`recv` is a name, `recv/2` its second overload, in documented order. A name may be an operator, `/`
among them: a reference is read from the right, and only what looks like a word can be a number, so
that `/` is a name, `//2` its second overload, and `/=` a name again.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

_T = TypeVar("_T")

_NUMBERED: Final = re.compile(r"(?P<name>.+)/(?P<number>\w+)")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,2}")


class NoOverloadError(Exception):
    """A number is none, or is beyond the overloads that there are.

    Attributes:
        message: what is wrong.
        hint: what would be right.
    """

    def __init__(self, message: str, hint: str) -> None:
        """Say what is wrong, and what would be right."""
        super().__init__(f"{message}; {hint}")
        self.message = message
        self.hint = hint


@dataclass(frozen=True)
class Reference:
    """A name, and what stands where the number of an overload does; empty for a name alone."""

    name: str
    number: str = ""

    def __str__(self) -> str:
        """Return it as it is written."""
        return f"{self.name}/{self.number}" if self.number else self.name

    def of(self, overloads: Sequence[_T]) -> _T | None:
        """Return the overload that is numbered; None if none is, and all are meant.

        Raises:
            NoOverloadError: There is no such overload.
        """
        if not self.number:
            return None
        if not _NUMBER.fullmatch(self.number):
            raise NoOverloadError(f"'{self}' is no overload", f"write {self.name}/1")
        if int(self.number) > len(overloads):
            raise NoOverloadError(
                f"'{self.name}' has no overload {self.number}", f"it has {len(overloads)}"
            )
        return overloads[int(self.number) - 1]


def reference(text: str) -> Reference:
    """Return what a reference names; every text is one."""
    numbered = _NUMBERED.fullmatch(text)
    return Reference(numbered["name"], numbered["number"]) if numbered else Reference(text)
