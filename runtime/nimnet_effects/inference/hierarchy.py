"""Classes of exceptions, and groups of them: a group is named by its class and what is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

Mro: TypeAlias = Callable[[str], tuple[str, ...]]
"""The full names of a class and its bases, in the order of its MRO."""

BASE: Final = "builtins.BaseException"
EXCEPTION: Final = "builtins.Exception"
GROUP: Final = "builtins.ExceptionGroup"
BASE_GROUP: Final = "builtins.BaseExceptionGroup"
_ALL: Final = "&"


class Hierarchy:
    """What is of which class.

    Args:
        mro: of an exception class.
    """

    def __init__(self, mro: Mro) -> None:
        """Have been asked nothing yet."""
        self._mro_of_class = mro
        self._mros: dict[str, tuple[str, ...]] = {}

    def mro(self, exception: str) -> tuple[str, ...]:
        """The classes of an exception; of a group with known contents, those of a group."""
        found = self._mros.get(exception)
        if found is None:
            base, bracket, _ = exception.partition("[")
            found = self._mro_of_class(base)
            if bracket:
                found = (exception, *found)
            self._mros[exception] = found
        return found

    def is_a(self, exception: str, classes: Iterable[str]) -> bool:
        """Whether an exception is of one of the classes."""
        mro = self.mro(exception)
        return any(each in mro for each in classes)

    def below(self, exception: str, others: Iterable[str]) -> list[str]:
        """Those of the others that are subclasses of an exception."""
        return [each for each in others if exception in self.mro(each)[1:]]

    def contents(self, exception: str) -> tuple[str, ...] | None:
        """What is in a group; None for an exception that is none."""
        _, bracket, contents = exception.partition("[")
        if bracket:
            return tuple(contents[:-1].replace(_ALL, "|").split("|"))
        mro = self.mro(exception)
        if BASE_GROUP not in mro:
            return None
        return (EXCEPTION,) if EXCEPTION in mro else (BASE,)


def is_complete(exception: str) -> bool:
    """Whether something of all that may be in a group surely is."""
    return _ALL in exception


def group_of(contents: Iterable[str], mro: Mro, *, complete: bool = False) -> str:
    """The name of a group with these exceptions in it, of groups what is in them.

    Args:
        contents: what may be in it.
        mro: of an exception class.
        complete: whether there surely is something of each.
    """
    flat: set[str] = set()
    for each in contents:
        _, bracket, inner = each.partition("[")
        flat.update(inner[:-1].replace(_ALL, "|").split("|") if bracket else (each,))
        complete = complete and not bracket
    group = GROUP if all(EXCEPTION in mro(each) for each in flat) else BASE_GROUP
    return f"{group}[{(_ALL if complete else '|').join(sorted(flat))}]"
