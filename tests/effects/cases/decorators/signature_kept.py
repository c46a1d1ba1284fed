import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., object])


def logged(function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def wrapper(*args: P.args, **named: P.kwargs) -> R:
        print("called")
        return function(*args, **named)

    return wrapper


def marked(function: F) -> F:
    return function


@logged
def inferred() -> bytes:
    return read()


@logged
@raises(OSError)
def declared_below() -> bytes:
    return read()


@raises(OSError)
@logged
def declared_above() -> bytes:
    return read()


@marked
def only_marked() -> str:
    return look_up("a")


@raises()
def callers() -> None:
    inferred()  # E: "inferred" may raise "OSError"
    declared_below()  # E: "declared_below" may raise "OSError"
    declared_above()  # E: "declared_above" may raise "OSError"
    only_marked()  # E: "only_marked" may raise "KeyError"


@raises(OSError)
def declared() -> None:
    inferred()
    declared_below()
