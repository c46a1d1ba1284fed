from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")


def loud(function: Callable[P, R]) -> Callable[P, R]:
    def wrapper(*args: P.args, **named: P.kwargs) -> R:
        try:
            return function(*args, **named)
        except OSError:
            raise ValueError from None

    return wrapper


@contextmanager
def plain() -> Iterator[None]:
    try:
        yield
    except KeyError:
        pass


@loud
@contextmanager
def outside() -> Iterator[None]:
    read()
    yield


@raises()
def callers() -> None:
    with plain():
        look_up("a")
    # What the manager raises when it is entered, nobody handles.
    with outside():  # E: "outside" may raise "OSError"  # E: "outside" may raise "ValueError"
        pass
