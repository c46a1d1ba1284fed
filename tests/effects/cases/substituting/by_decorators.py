"""A function that is handed over by what stands above it is taken for a protocol as any other."""

from collections.abc import Callable
from typing import Protocol

from cases.calls import look_up, read
from nimnet_effects import raises


class Handler(Protocol):
    @raises(OSError)
    def __call__(self, name: str, /) -> bytes: ...


class Router:
    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}

    def on(self, name: str) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.handlers[name] = handler
            return handler

        return add

    def default(self, handler: Handler) -> Handler:
        self.handlers[""] = handler
        return handler


class Routing:
    def __call__(self, handler: Handler) -> Handler:
        return handler


def route(handler: Handler) -> Handler:
    return handler


ROUTER = Router()


@ROUTER.on("a")  # E: "by_a_factory" may raise "KeyError" ... which "Handler.__call__" does not
def by_a_factory(name: str) -> bytes:
    return look_up(name).encode()


@ROUTER.default  # E: "by_a_method" may raise "KeyError"
def by_a_method(name: str) -> bytes:
    return look_up(name).encode()


@Routing()  # E: "by_an_object" may raise "KeyError"
def by_an_object(name: str) -> bytes:
    return look_up(name).encode()


@route  # E: "by_a_function" may raise "KeyError"
def by_a_function(name: str) -> bytes:
    return look_up(name).encode()


@ROUTER.on("b")
def right(name: str) -> bytes:
    return read()


@ROUTER.default
@raises(OSError)
def right_and_declared(name: str) -> bytes:
    return read()


class Service:
    def __init__(self, router: Router) -> None:
        @router.default  # E: "Service.inner" may raise "KeyError"
        def inner(name: str) -> bytes:
            return look_up(name).encode()

        print(inner)


@raises()
def caller() -> None:
    right("a")  # E: "right" may raise "OSError"
