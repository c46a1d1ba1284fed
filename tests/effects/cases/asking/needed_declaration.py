from collections.abc import Callable
from typing import Any, Protocol

from cases.calls import look_up, read
from nimnet_effects import raises


@raises(OSError)
def narrower_is_raised() -> None:
    raise BrokenPipeError


@raises(BrokenPipeError)
def wider_is_raised() -> None:
    read()  # E: "read" may raise "OSError"


@raises(OSError)
def by_a_callback(callback: Callable[[], int]) -> int:
    return callback()


@raises(OSError)
def by_what_has_no_type(something: Any) -> None:
    something.go()


class Source(Protocol):
    @raises(OSError)
    def get(self) -> bytes: ...


class Base:
    @raises(OSError)
    def get(self) -> bytes:
        raise NotImplementedError


@raises(KeyError)
def through_a_helper() -> str:
    return helper()


def helper() -> str:
    return look_up("b")
