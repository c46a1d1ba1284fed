from typing import overload

from cases.calls import look_up, read
from nimnet_effects import raises


@overload
def get(key: int) -> bytes: ...
@overload
def get(key: str) -> str: ...
def get(key: int | str) -> bytes | str:
    return read() if isinstance(key, int) else look_up(key)


@raises(OSError)
def caller() -> None:
    # Of an implementation without declarations, everything may come from each form.
    get(1)  # E: "get" may raise "KeyError"


@raises(OSError, KeyError)
def declared() -> None:
    get("a")
