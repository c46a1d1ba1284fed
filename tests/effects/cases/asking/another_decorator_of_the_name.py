from collections.abc import Callable
from typing import TypeVar

from cases.calls import read

F = TypeVar("F")


def raises(*names: type[BaseException]) -> Callable[[F], F]:
    def unchanged(function: F) -> F:
        return function

    return unchanged


@raises()
def not_asked() -> None:
    read()
