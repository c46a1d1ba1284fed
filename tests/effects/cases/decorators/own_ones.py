import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar, cast

from cases.calls import look_up, quiet, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")
F = TypeVar("F", bound=Callable[..., Any])


def safe(function: Callable[P, R]) -> Callable[P, R | None]:
    @functools.wraps(function)
    def wrapper(*args: P.args, **named: P.kwargs) -> R | None:
        try:
            return function(*args, **named)
        except Exception:
            return None

    return wrapper


def loud(function: Callable[P, R]) -> Callable[P, R]:
    def wrapper(*args: P.args, **named: P.kwargs) -> R:
        if not args:
            raise ValueError
        return function(*args, **named)

    functools.update_wrapper(wrapper, function)
    return wrapper


def translating(function: F) -> F:
    """The OSError of what it is given becomes an EOFError."""

    @functools.wraps(function)
    def wrapper(*args: Any, **named: Any) -> Any:
        call = function
        try:
            return call(*args, **named)
        except OSError as error:
            raise EOFError from error

    return cast(F, wrapper)


def never(function: Callable[P, R]) -> Callable[P, None]:
    def wrapper(*args: P.args, **named: P.kwargs) -> None:
        quiet()

    return wrapper


@safe
def safely() -> bytes:
    return read()


@loud
def loudly() -> int:
    return quiet()


@loud
def loudly_read() -> bytes:
    return read()


@translating
def translated() -> bytes:
    look_up("a")
    return read()


@never
def never_called() -> bytes:
    return read()


@safe
@loud
def handled_outside() -> int:
    return quiet()


@loud
@safe
def raised_outside() -> bytes:
    return read()


@raises()
def callers() -> None:
    safely()
    loudly()  # E: "loudly" may raise "ValueError" (cases.decorators.own_ones:60 calls "loud", cases.decorators.own_ones:27 raises it)
    loudly_read()  # E: "loudly_read" may raise "ValueError"  # E: "loudly_read" may raise "OSError"
    translated()  # E: may raise "KeyError"  # E: may raise "EOFError"
    never_called()
    handled_outside()
    raised_outside()  # E: "raised_outside" may raise "ValueError"


@raises(ValueError)
def declared() -> None:
    loudly()
    raised_outside()


class Store:
    @safe
    def load(self) -> bytes:
        return read()

    @loud
    def save(self) -> int:
        return quiet()

    @staticmethod
    @safe
    def static() -> bytes:
        return read()

    @property
    @translating
    def name(self) -> bytes:
        return read()


@raises()
def methods(store: Store) -> None:
    store.load()
    store.save()  # E: "Store.save" may raise "ValueError"
    Store.static()
    store.name  # E: "Store.name" may raise "EOFError"


@raises()
def local() -> None:
    def quietly(function: Callable[[], bytes]) -> Callable[[], bytes]:
        def wrapper() -> bytes:
            try:
                return function()
            except OSError:
                return b""

        return wrapper

    @quietly
    def inner() -> bytes:
        look_up("a")
        return read()

    inner()  # E: "local.inner" may raise "KeyError"
