from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


@raises(timeout=TimeoutError)
def ask(name: str, timeout: int = -1) -> str:
    if timeout != -1:
        raise TimeoutError
    return name


def logged(function: Callable[P, R]) -> Callable[P, R]:
    def wrapper(*args: P.args, **named: P.kwargs) -> R:
        print(args, named.get("timeout"))
        return function(*args, **named)

    return wrapper


def hurried(function: F) -> F:
    def wrapper(*args: Any, **named: Any) -> Any:
        named.setdefault("timeout", 5)
        return function(*args, **named)

    return wrapper  # type: ignore[return-value]


def also_hurried(function: F) -> F:
    def wrapper(*args: Any, **named: Any) -> Any:
        return function(*args, timeout=5, **named)

    return wrapper  # type: ignore[return-value]


def with_names(function: Callable[[str, int], str]) -> Callable[[str, int], str]:
    def wrapper(name: str, timeout: int = -1) -> str:
        return function(name, timeout)

    return wrapper


def without_one(function: Callable[..., str]) -> Callable[..., str]:
    def wrapper(name: str, timeout: int = -1) -> str:
        return function(name)

    return wrapper


@logged
def one(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@hurried
def two(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@also_hurried
def three(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@with_names
def four(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@without_one
def five(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@logged
@raises(timeout=TimeoutError)
def six(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@raises(timeout=TimeoutError)
@logged
def seven(name: str, timeout: int = -1) -> str:
    return ask(name, timeout)


@raises()
def callers() -> None:
    one("a")
    one("a", timeout=5)  # E: "one" may raise "TimeoutError"
    two("a")  # E: "two" may raise "TimeoutError"
    three("a")  # E: "three" may raise "TimeoutError"
    four("a", 5)  # E: "four" may raise "TimeoutError"
    four("a", -1)
    five("a", 5)
    six("a")
    six("a", timeout=5)  # E: "six" may raise "TimeoutError"
    seven("a")
    seven("a", timeout=5)  # E: "seven" may raise "TimeoutError"
