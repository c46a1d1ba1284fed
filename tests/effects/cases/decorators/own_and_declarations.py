import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from cases.calls import look_up, quiet, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")


def safe(function: Callable[P, R]) -> Callable[P, R | None]:
    @functools.wraps(function)
    def wrapper(*args: P.args, **named: P.kwargs) -> R | None:
        try:
            return function(*args, **named)
        except OSError:
            return None

    return wrapper


def loud(function: Callable[P, R]) -> Callable[P, R]:
    @functools.wraps(function)
    def wrapper(*args: P.args, **named: P.kwargs) -> R:
        if not args:
            raise ValueError
        return function(*args, **named)

    return wrapper


# Above, it declares for the whole.
@raises()
@safe
def handled() -> bytes:
    return read()


@raises(OSError)
@safe
def needless() -> bytes:  # N: "needless" declares "OSError", but nothing in it can raise that
    return read()


@raises(OSError)
@loud  # E: "loud" may raise "ValueError" (cases.decorators.own_and_declarations:27 raises it)
def more() -> bytes:
    return read()


# Below, for what the decorator is given.
@safe
@raises(OSError)
def below() -> bytes:
    look_up("a")  # E: "look_up" may raise "KeyError"
    return read()


@loud
@raises()
def loud_below() -> int:
    return quiet()


@raises(ValueError)
@loud
@raises()
def both() -> int:
    return quiet()


@raises()
def callers() -> None:
    handled()
    needless()  # E: "needless" may raise "OSError"
    below()
    loud_below()  # E: "loud_below" may raise "ValueError"
    both()  # E: "both" may raise "ValueError"
