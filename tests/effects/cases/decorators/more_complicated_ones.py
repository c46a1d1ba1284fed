"""Where the body of a decorator cannot be followed, what it is given raises is kept."""

import functools
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from concurrent.futures import Executor
from typing import Any, ParamSpec, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


class Counting:
    def __init__(self) -> None:
        self.count = 0

    def counted(self, function: F) -> F:
        @functools.wraps(function)
        def wrapper(*args: Any, **named: Any) -> Any:
            try:
                return function(*args, **named)
            except Exception:
                return None

        return wrapper  # type: ignore[return-value]


COUNTING = Counting()


def handed_on(executor: Executor) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def decorate(function: Callable[[], bytes]) -> Callable[[], bytes]:
        def wrapper() -> bytes:
            try:
                waiting = executor.submit(function)
            except Exception:
                return b""
            return waiting.result()

        return wrapper

    return decorate


def by_a_method(function: Callable[[], bytes]) -> Callable[[], bytes]:
    return Calling(function).call


class Calling:
    def __init__(self, function: Callable[[], bytes]) -> None:
        self._function = function

    def call(self) -> bytes:
        return self._function()


def around_the_call(function: Callable[P, R]) -> Callable[P, R]:
    def wrapper(*args: P.args, **named: P.kwargs) -> R:
        try:
            return function(*args, **named)
        except OSError:
            raise LookupError from None

    return wrapper


def untyped(function):  # type: ignore[no-untyped-def]
    def wrapper():  # type: ignore[no-untyped-def]
        return None

    return wrapper


@COUNTING.counted
def counted() -> bytes:
    return read()


@by_a_method
def called_by_a_method() -> bytes:
    return read()


def with_an_executor(executor: Executor) -> None:
    @handed_on(executor)
    def inner() -> bytes:
        return read()

    @raises()
    def caller() -> None:
        inner()  # E: "with_an_executor.inner" may raise "OSError"

    caller()


# These run later than they are called.
@around_the_call
def lines() -> Iterator[bytes]:
    yield read()


@around_the_call
async def fetched() -> bytes:
    return read()


def awaited(
    function: Callable[P, Awaitable[R]],
) -> Callable[P, Coroutine[None, None, R | None]]:
    async def wrapper(*args: P.args, **named: P.kwargs) -> R | None:
        try:
            return await function(*args, **named)
        except OSError:
            return None

    return wrapper


@awaited
async def handled() -> bytes:
    look_up("a")
    return read()


def run(function: Callable[P, Coroutine[None, None, bytes]]) -> Callable[P, bytes]:
    def wrapper(*args: P.args, **named: P.kwargs) -> bytes:
        try:
            function(*args, **named).send(None)
        except StopIteration:
            pass
        return b""

    return wrapper


@run
async def made_synchronous() -> bytes:
    return read()


@raises()
def callers() -> None:
    counted()  # E: "counted" may raise "OSError"
    called_by_a_method()  # E: "called_by_a_method" may raise "OSError"
    for _ in lines():  # E: "lines" may raise "OSError"  # E: "lines" may raise "LookupError"
        pass
    made_synchronous()  # E: "made_synchronous" may raise "OSError"


@raises()
async def coroutines() -> None:
    await fetched()  # E: "fetched" may raise "OSError"  # E: "fetched" may raise "LookupError"
    await handled()  # E: "handled" may raise "KeyError"
