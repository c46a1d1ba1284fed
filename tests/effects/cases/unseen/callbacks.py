from collections.abc import Callable
from typing import Any

from cases.calls import look_up, parse, read
from nimnet_effects import raises


@raises()
def parameter(callback: Callable[[], bytes]) -> bytes:
    return callback()


@raises()
def untyped(something: Any) -> None:
    something.read()
    something()
    something[1] = 2


@raises()
def given_to_functions(names: list[str]) -> None:
    list(map(look_up, names))
    sorted(names, key=parse)


@raises()
def in_a_table(table: dict[str, Callable[[], bytes]]) -> bytes:
    return table["a"]()


@raises()
def by_name(module: object) -> None:
    getattr(module, "read")()


@raises()
def called_by_own_helper() -> bytes:
    return apply(read)


def apply(callback: Callable[[], bytes]) -> bytes:
    return callback()
