"""What a function raises is kept as well where its name has another signature, or is an object."""

import functools
from collections.abc import Callable, Iterator
from typing import Any, Concatenate, ParamSpec, TypeVar
from unittest import mock

from cases.calls import look_up, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")


def with_session(function: Callable[Concatenate[str, P], R]) -> Callable[P, R]:
    return functools.partial(function, "session")


class Task:
    def __init__(self, function: Callable[[int], bytes]) -> None:
        self._function = function

    def __call__(self, number: int) -> bytes:
        return self._function(number)


class Fixture:
    def __init__(self, function: Callable[[], object]) -> None:
        self.function = function


def fixture(function: Callable[[], object]) -> Fixture:
    return Fixture(function)


UNKNOWN: Any = fixture


@with_session
def stored(session: str, number: int) -> bytes:
    return look_up(session).encode()


@mock.patch("time.sleep")
def hurried(sleep: object) -> bytes:
    return read()


@Task
def task(number: int) -> bytes:
    return read()


@UNKNOWN  # type: ignore[untyped-decorator]
def untyped() -> bytes:
    return read()


# Nobody calls these by their names, and what they do is held to what they declare.
@fixture
@raises(OSError)
def declared() -> str:
    read()
    return look_up("a")  # E: "look_up" may raise "KeyError"


@fixture
def undeclared() -> Iterator[str]:
    yield look_up("a")


@raises()
def callers() -> None:
    stored(1)  # E: "stored" may raise "KeyError"
    hurried()  # E: "hurried" may raise "OSError"
    task(1)  # E: "task" may raise "OSError"
    untyped()  # E: "untyped" may raise "OSError"
    print(declared, undeclared)
