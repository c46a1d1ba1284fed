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


@overload
def wait(key: int, seconds: float | None = None) -> bytes: ...
@overload
def wait(key: str) -> str: ...
def wait(key: int | str, seconds: float | None = None) -> bytes | str:
    fetch(seconds)
    return b"" if isinstance(key, int) else key


@raises(OSError, seconds=ValueError)
def fetch(seconds: float | None = None) -> None:
    if seconds is not None:
        raise ValueError
    raise OSError


@raises(OSError)
def by_arguments(limit: float) -> None:
    wait(1)
    wait("a")
    wait(1, None)
    wait(1, limit)  # E: "wait" may raise "ValueError"
    wait(1, seconds=2)  # E: "wait" may raise "ValueError"


@raises(OSError, KeyError)
def declared() -> None:
    get("a")
