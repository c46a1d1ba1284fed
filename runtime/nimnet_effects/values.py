"""The values of an argument with which a call does not raise: literals, and ranges of numbers.

A literal is the text that `repr` gives it (`"-1"`, `"None"`). A range has two dots between its
ends, which belong to it, and may lack one of them: `"0..65535"`, `"0.."`, `"..-1"`. Imports no
mypy.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from typing import Final, TypeAlias

_NUMBER: Final = r"-?\d+(?:\.\d+)?"
_RANGE: Final = re.compile(rf"({_NUMBER})?\.\.({_NUMBER})?")

_Number: TypeAlias = int | float
"""Both named, for compiled code makes a float of an int that stands for one."""


def canonical(text: str) -> str:
    """The one way of writing a literal or a range.

    Raises:
        ValueError: for a text that is neither, with what is wrong with it.
    """
    ends = _RANGE.fullmatch(text.replace(" ", ""))
    if ends is None:
        try:
            return repr(ast.literal_eval(text))
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            raise ValueError("is no literal of Python and no range") from None
    lowest, highest = map(_end, ends.groups())
    if lowest is None and highest is None:
        raise ValueError("is a range without ends")
    if lowest is not None and highest is not None and lowest > highest:
        raise ValueError(f"is a range of nothing: {lowest} is above {highest}")
    return f"{'' if lowest is None else lowest}..{'' if highest is None else highest}"


def among(literal: str, values: Iterable[str]) -> bool:
    """Whether a literal is one of the values, or in one of the ranges."""
    return any(literal == value or _within(literal, value) for value in values)


def _within(literal: str, value: str) -> bool:
    ends = _RANGE.fullmatch(value)
    if ends is None or (number := _number(literal)) is None:
        return False
    lowest, highest = map(_end, ends.groups())
    return (lowest is None or lowest <= number) and (highest is None or number <= highest)


def _number(literal: str) -> _Number | None:
    try:
        found = ast.literal_eval(literal)
    except (ValueError, SyntaxError):
        return None
    return found if isinstance(found, (int, float)) else None


def _end(text: str | None) -> _Number | None:
    if text is None:
        return None
    return float(text) if "." in text else int(text)
