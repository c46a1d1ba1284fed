from typing import overload

from nimnet_effects import raises


@overload
@raises(OSError)
def get(key: int) -> int: ...
@overload
@raises()
def get(key: str) -> str: ...
@raises(OSError)
def get(key: int | str) -> int | str:
    if isinstance(key, int):
        raise OSError
    return key
