"""A class as a decorator: who calls what it makes of a function calls its `__call__`."""

from collections.abc import Callable
from typing import Generic, ParamSpec, Protocol, TypeVar

from cases.calls import look_up, parse, read
from nimnet_effects import raises

P = ParamSpec("P")
R = TypeVar("R")


class Command:
    def __init__(self, run: Callable[[str], bytes]) -> None:
        self.run = run

    def __call__(self, name: str) -> bytes:
        look_up(name)
        return self.run(name)

    def described(self) -> str:
        return str(parse("1"))


class Plain(Generic[P, R]):
    def __init__(self, run: Callable[P, R]) -> None:
        self.run = run

    def __call__(self, *args: P.args, **named: P.kwargs) -> R:
        return self.run(*args, **named)


class Declared:
    def __init__(self, run: Callable[[str], bytes]) -> None:
        self.run = run

    # It is held to what it declares, and callers need not look further.
    @raises(KeyError)
    def __call__(self, name: str) -> bytes:
        try:
            return self.run(name)
        except Exception:
            raise KeyError from None


class Registering:
    def __init__(self, name: str) -> None:
        self.name = name

    def __call__(self, run: Callable[[str], bytes]) -> Command:
        parse(self.name)
        return Command(run)


class Handler(Protocol):
    @raises(KeyError)
    def __call__(self, name: str, /) -> bytes: ...


def handler(run: Callable[[str], bytes]) -> Handler:
    return Declared(run)


@Command
def command(name: str) -> bytes:
    return read()


@Plain
def plain(name: str) -> bytes:
    return read()


@Declared
def settled(name: str) -> bytes:
    return read()


@Registering("command")
def registered(name: str) -> bytes:
    return read()


@handler
def handled(name: str) -> bytes:
    return read()


@raises(OSError)
@Command
def declared_above(name: str) -> bytes:  # E: "Command.__call__" may raise "KeyError"
    return read()


@Declared
@raises(OSError)
def declared_below(name: str) -> bytes:
    return look_up(name).encode()  # E: "look_up" may raise "KeyError"


def quietly(run: Callable[[str], bytes]) -> Handler:
    def wrapper(name: str, /) -> bytes:
        try:
            return run(name)
        except OSError:
            return b""

    return wrapper


# What can be looked into is known better than what the type says.
@quietly
def looked_into(name: str) -> bytes:
    return read()


class Shop:
    @Command
    @staticmethod
    def command(name: str) -> bytes:
        return read()


@raises()
def callers() -> None:
    command("a")  # E: "command" may raise "OSError"  # E: "command" may raise "KeyError" ( ... calls "Command.__call__"
    plain("a")  # E: "plain" may raise "OSError"
    settled("a")  # E: "settled" may raise "KeyError"
    registered("a")  # E: "registered" may raise "OSError"  # E: "registered" may raise "KeyError"
    handled("a")  # E: "handled" may raise "KeyError"
    declared_above("a")  # E: "declared_above" may raise "OSError"
    looked_into("a")
    Shop.command("a")  # E: "Shop.command" may raise "OSError"  # E: "Shop.command" may raise "KeyError"
    command.described()  # E: "Command.described" may raise "ValueError"


@raises(KeyError, OSError)
def declared() -> None:
    command("a")
    plain("a")
    settled("a")


# What a decorator does itself, it does where the function is defined.
@raises()
def defining() -> None:
    @Registering("inner")  # E: "Registering.__call__" may raise "ValueError"
    def inner(name: str) -> bytes:
        return read()

    print(inner)
