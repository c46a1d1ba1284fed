from cases.calls import look_up, read
from nimnet_effects import raises


@raises(OSError)
def one() -> bytes:
    return read()


@raises(OSError, KeyError)
def two() -> str:
    read()
    return look_up("a")
