from typing import overload

from cases.calls import look_up, read
from nimnet_effects import raises


@overload
@raises(OSError)
def get(key: int) -> bytes: ...
@overload
def get(key: str) -> str: ...
def get(key: int | str) -> bytes | str:
    return read() if isinstance(key, int) else look_up(key)
