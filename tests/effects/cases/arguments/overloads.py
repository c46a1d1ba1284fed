from typing import overload

from cases.calls import look_up, read
from nimnet_effects import raises


@overload
@raises(OSError)
def get(key: int) -> bytes: ...
@overload
@raises(KeyError)
def get(key: str) -> str: ...
@overload
@raises()
def get(key: None = None) -> None: ...
def get(key: int | str | None = None) -> bytes | str | None:
    if isinstance(key, int):
        return read()
    return look_up(key) if key else None


@raises()
def each() -> None:
    get(1)  # E: "get" may raise "OSError"
    get("a")  # E: "get" may raise "KeyError"
    get(key="a")  # E: "get" may raise "KeyError"
    get()
    get(None)


@raises(OSError)
def declared() -> None:
    get(2)
    get()


@raises(OSError)
def one_of_two(key: int | str) -> None:
    get(key)  # E: "get" may raise "KeyError"
