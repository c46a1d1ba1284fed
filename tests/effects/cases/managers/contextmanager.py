from collections.abc import Iterator
from contextlib import contextmanager

from cases.calls import look_up, parse, read
from nimnet_effects import raises


@contextmanager
def opened() -> Iterator[int]:
    read()
    try:
        yield 1
    finally:
        look_up("a")


@contextmanager
def ignoring() -> Iterator[None]:
    try:
        yield
    except OSError:
        pass


@contextmanager
def translating() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ValueError from error


@raises()
def opens() -> None:
    with opened():  # E: "opened" may raise "OSError"  # E: "opened" may raise "KeyError"
        pass


@raises(OSError, KeyError)
def opens_and_declares() -> None:
    with opened() as n:
        print(n)


@raises()
def ignores() -> None:
    with ignoring():
        read()
        parse("a")  # E: "parse" may raise "ValueError"


@raises(ValueError)
def translates() -> None:
    with translating():
        read()


@raises()
def only_makes() -> None:
    opened()
