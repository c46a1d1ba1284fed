"""Functions for pre-shared keys, as scenarios describe them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn, TypeVar

_T = TypeVar("_T", bound=tuple[str, bytes] | bytes)


def answering(result: _T, takes: str | None = None) -> Callable[[str], _T]:
    """Return a function that gives `result`, and refuses any other argument than `takes`.

    Args:
        result: The identity and key for a client, the key for a server.
        takes: The hint or the identity that must come; None for whatever comes.
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
