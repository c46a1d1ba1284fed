import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def retried(times: int) -> Callable[[Callable[P, R]], Callable[P, R]]:
    def decorate(function: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(function)
        def wrapper(*args: P.args, **named: P.kwargs) -> R:
            for _ in range(times):
                try:
                    return function(*args, **named)
                except OSError:
                    pass
            raise TimeoutError

        return wrapper

    return decorate


def ready() -> Callable[[F], F]:
    def decorate(function: F) -> F:
        return function

    return decorate


@retried(3)
def fetched() -> bytes:
    return read()


@retried(3)
def looked_up() -> str:
    return look_up("a")


@ready()
def kept() -> bytes:
    return read()


@raises()
@ready()
def kept_and_declared() -> bytes:
    return read()  # E: "read" may raise "OSError"


@raises()
def callers() -> None:
    fetched()  # E: "fetched" may raise "TimeoutError"
    looked_up()  # E: may raise "KeyError"  # E: may raise "TimeoutError"
    kept()  # E: "kept" may raise "OSError"


@raises(TimeoutError)
def declared() -> bytes:
    return fetched()
