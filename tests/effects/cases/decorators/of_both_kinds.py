"""A decorator that returns one function for coroutines, and another one for all others."""

import asyncio
import functools
from collections.abc import Callable
from typing import Any, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

F = TypeVar("F", bound=Callable[..., Any])


def safe(function: F) -> F:
    if asyncio.iscoroutinefunction(function):

        @functools.wraps(function)
        async def later(*args: Any, **named: Any) -> Any:
            try:
                return await function(*args, **named)
            except OSError:
                return None

        return later  # type: ignore[return-value]

    @functools.wraps(function)
    def now(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except OSError:
            return None

    return now  # type: ignore[return-value]


@safe
def called() -> bytes:
    look_up("a")
    return read()


@safe
async def awaited() -> bytes:
    look_up("a")
    return read()


@raises()
async def callers() -> None:
    called()  # E: "called" may raise "KeyError"
    await awaited()  # E: "awaited" may raise "KeyError"


class Locked:
    def __init__(self) -> None:
        self.count = 0

    @safe
    def load(self) -> bytes:
        return read()

    @classmethod
    @safe
    def of_class(cls) -> bytes:
        return read()


class Further(Locked):
    @safe
    def load(self) -> bytes:
        look_up("a")
        return super().load()


@safe
def recursive(n: int) -> bytes:
    if n > 3:
        look_up("a")
        return read()
    return recursive(n + 1)


@raises()
def methods(locked: Locked, further: Further) -> None:
    locked.load()
    Locked.of_class()
    further.load()  # E: "Further.load" may raise "KeyError"
    recursive(1)  # E: "recursive" may raise "KeyError"
