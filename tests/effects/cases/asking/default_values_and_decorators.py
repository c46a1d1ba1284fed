from collections.abc import Callable
from typing import TypeVar

from cases.calls import read
from nimnet_effects import raises

F = TypeVar("F")


def register(key: bytes) -> Callable[[F], F]:
    def keep(function: F) -> F:
        return function

    return keep


@raises()
def defaults(data: bytes = read()) -> bytes:
    # Evaluated where the function is defined, and not where it is called.
    return data


@register(read())
@raises()
def decorated() -> int:
    return 1


@raises()
def defines() -> None:
    def inner(data: bytes = read()) -> bytes:  # E: "read" may raise "OSError"
        return data

    print(inner)
