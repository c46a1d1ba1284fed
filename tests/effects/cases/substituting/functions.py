"""What is handed over where a protocol says how it is called."""

from collections.abc import Callable
from functools import cache, partial
from typing import Protocol

from cases.calls import look_up, parse, quiet, read
from nimnet_effects import raises


class Handler(Protocol):
    @raises(KeyError)
    def __call__(self, name: str, /) -> object: ...


class Asker(Protocol):
    @raises(timeout=TimeoutError)
    def __call__(self, name: str, timeout: int = -1) -> str: ...


@raises(KeyError)
def serve(handler: Handler) -> None:
    handler("a")


@raises()
def calls(handler: Handler, plain: Callable[[str], object]) -> None:
    handler("a")  # E: "Handler.__call__" may raise "KeyError"
    plain("a")


def good(name: str) -> bytes:
    return look_up(name).encode()


def bad(name: str) -> bytes:
    return read()


def of_two(size: int, name: str) -> bytes:
    return read(size)


class Reader:
    def __init__(self, name: str = "") -> None:
        self.size = parse(name)

    def method(self, name: str) -> bytes:
        return read(self.size)

    def good(self, name: str) -> str:
        return look_up(name)


class Called:
    def __call__(self, name: str) -> bytes:
        return read()


class CalledWell:
    @raises(KeyError)
    def __call__(self, name: str) -> str:
        return look_up(name)


def places(reader: Reader, later: Callable[[str], bytes]) -> None:
    serve(good)
    serve(bad)  # E: "bad" may raise "OSError" (cases.substituting.functions:37 calls "read"), which "Handler.__call__" does not declare, and it stands for "Handler" here
    serve(handler=bad)  # E: "bad" may raise "OSError"
    serve(lambda name: quiet())
    serve(lambda name: bad(name))  # E: "lambda" may raise "OSError"
    serve(reader.good)
    serve(reader.method)  # E: "Reader.method" may raise "OSError"
    serve(Reader)  # E: "Reader.__init__" may raise "ValueError"
    serve(partial(of_two, 1))  # E: "of_two" may raise "OSError"
    serve(Called())  # E: "Called.__call__" may raise "OSError" ... "Called" stands for "Handler"
    serve(CalledWell())
    bound = partial(of_two, 1)
    serve(bound)  # E: "of_two" may raise "OSError"
    other = bad
    serve(other)  # E: "bad" may raise "OSError"
    # What this one raises cannot be seen.
    serve(later)
    handler: Handler = bad  # E: "bad" may raise "OSError"
    handlers: list[Handler] = [good, bad]  # E: "bad" may raise "OSError"
    handlers += [good, bad]  # E: "bad" may raise "OSError"
    by_name: dict[str, Handler] = {}
    by_name |= {"good": good, "bad": bad}  # E: "bad" may raise "OSError"
    print(handler, handlers)


@cache
def cached(name: str) -> bytes:
    return read()


def remembered() -> None:
    serve(cached)  # E: "cached" may raise "OSError"


def returned() -> Handler:
    return bad  # E: "bad" may raise "OSError"


def returned_from_inside() -> Handler:
    def inside(name: str) -> bytes:
        return read()

    return inside  # E: "returned_from_inside.inside" may raise "OSError"


def by_default(handler: Handler = bad) -> None:  # E: "bad" may raise "OSError"
    print(handler)


def handed_on(handler: Handler) -> None:
    serve(handler)
    partial(serve, handler)
    partial(serve, bad)  # E: "bad" may raise "OSError"


@raises(timeout=TimeoutError)
def ask(name: str, timeout: int = -1) -> str:
    if timeout != -1:
        raise TimeoutError
    return name


@raises(wait=TimeoutError, timeout=LookupError)
def ask_otherwise(name: str, timeout: int = -1, wait: int = -1) -> str:
    if timeout != -1:
        raise LookupError
    if wait != -1:
        raise TimeoutError
    return name


def take(asker: Asker) -> None:
    print(asker)


def askers() -> None:
    take(ask)
    take(ask_otherwise)  # E: "ask_otherwise" may raise "LookupError"


def register(handler: Handler) -> Handler:
    return handler


@register
def registered(name: str) -> str:
    return look_up(name)


@register  # E: "registered_badly" may raise "OSError"
def registered_badly(name: str) -> bytes:
    return read()


def quietly(handler: Handler) -> Handler:
    def wrapper(name: str, /) -> object:
        try:
            return handler(name)
        except KeyError:
            return None

    return wrapper


# What a decorator is given is the function itself, whatever it makes of that.
@quietly
def handled(name: str) -> str:
    return look_up(name)


@quietly  # E: "read_quietly" may raise "OSError"
def read_quietly(name: str) -> bytes:
    return read()


@raises()
def decorated() -> None:
    handled("a")
    read_quietly("a")
