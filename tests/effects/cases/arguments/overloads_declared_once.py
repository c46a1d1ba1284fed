from typing import overload

from cases.calls import read
from nimnet_effects import raises


@overload
def get(key: int) -> bytes: ...
@overload
def get(key: str) -> str: ...
@raises(OSError)
def get(key: int | str) -> bytes | str:
    return read() if isinstance(key, int) else key


@raises()
def undeclared() -> None:
    get(1)  # E: "get" may raise "OSError"
    get("a")  # E: "get" may raise "OSError"


@raises(OSError)
def declared() -> None:
    get(1)
