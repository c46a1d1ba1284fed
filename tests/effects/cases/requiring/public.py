from collections.abc import Callable
from typing import overload

from cases.calls import read
from nimnet_effects import raises


def undeclared() -> bytes:  # E: "undeclared" is public and must declare ... OSError
    return read()


def undeclared_harmless() -> int:  # E: "undeclared_harmless" is public and must declare ... raises()
    return 1


@raises(OSError)
def declared() -> bytes:
    return read()


@raises()
def declared_none() -> int:
    return 1


def _private() -> bytes:
    return read()


class Public:
    def __init__(self) -> None:
        # Special methods that raise nothing need not say so.
        self.data = b""

    def method(self) -> None:  # E: "Public.method" is public and must declare
        pass

    @raises()
    def declared(self) -> None:
        pass

    def _private(self) -> None:
        pass

    @property
    def value(self) -> int:  # E: "Public.value" is public and must declare
        return 1

    @property
    def both(self) -> bytes:  # E: "Public.both" is public and must declare ... OSError
        return read()

    @both.setter
    def both(self, new: bytes) -> None:  # E: "Public.both" is public and must declare ... ValueError
        raise ValueError

    @both.deleter
    @raises(KeyError)
    def both(self) -> None:
        raise KeyError

    @property
    @raises(OSError)
    def half(self) -> bytes:
        return read()

    @half.setter
    def half(self, new: bytes) -> None:  # E: "Public.half" is public and must declare ... ValueError
        raise ValueError

    @staticmethod
    def static() -> None:  # E: "Public.static" is public and must declare
        pass


class Opened:
    def __init__(self) -> None:  # E: "Opened.__init__" is public and must declare ... OSError
        self.data = read()

    def __enter__(self) -> None:
        pass


class _Private:
    def method(self) -> None:
        pass


@raises()
def outer() -> int:
    def inner() -> int:
        return 1

    return inner()


@overload
@raises()
def either(x: int) -> int: ...
@overload
@raises()
def either(x: str) -> str: ...
def either(x: int | str) -> int | str:
    return x


class Fixture:
    @raises()
    def __init__(self, function: Callable[[], object]) -> None: ...


@Fixture
def fixture() -> bytes:  # E: "fixture" is public and must declare ... raises(OSError)
    return read()


@overload
def neither(x: int) -> int: ...
@overload
def neither(x: str) -> str: ...
def neither(x: int | str) -> int | str:  # E: "neither" is public and must declare ... @raises(OSError)
    read()
    return x


@overload
@raises()
def one(x: int) -> int: ...
@overload
def one(x: str) -> str: ...
def one(x: int | str) -> int | str:  # E: "one" is public and must declare ... @raises(OSError)
    if isinstance(x, str):
        read()
    return x


@overload
@raises()
def the_rest(x: int) -> int: ...
@overload
def the_rest(x: str) -> str: ...
@raises(OSError)
def the_rest(x: int | str) -> int | str:
    if isinstance(x, str):
        read()
    return x
