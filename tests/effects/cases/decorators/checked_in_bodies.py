from collections.abc import Callable
from typing import TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

F = TypeVar("F")


def register(name: str) -> Callable[[F], F]:
    def keep(function: F) -> F:
        return function

    return keep


@register("a")
@raises(OSError)
def below() -> None:
    read()
    look_up("a")  # E: "look_up" may raise "KeyError"


@raises(OSError)
@register("b")
def above() -> None:
    read()
    look_up("a")  # E: "look_up" may raise "KeyError"
