"""Functions that scenarios hand to calls: each gives one answer, or fails."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

_T = TypeVar("_T")


def answering(result: _T, takes: str | None = None) -> Callable[[str], _T]:
    """Return a function that gives `result`, and refuses any other argument than `takes`.

    Args:
        result: What it gives.
        takes: The argument that must come; None for whatever comes.
    """

    def answer(argument: str) -> _T:
        if takes is not None and argument != takes:
            raise ValueError(f"asked about {argument!r}, not about {takes!r}")
        return result

    return answer


def failing(words: str) -> Callable[[str], NoReturn]:
    """Return a function that raises a `ValueError` with these words."""

    def fail(_argument: str) -> NoReturn:
        raise ValueError(words)

    return fail
