import functools

from cases.calls import look_up, parse, read
from nimnet_effects import raises


@functools.singledispatch
def shown(value: object) -> str:
    return ""


@shown.register
def _(value: int) -> str:
    return look_up(str(value))


@shown.register(bytes)
@raises(ValueError)
def _(value: bytes) -> str:
    look_up("a")  # E: "look_up" may raise "KeyError"
    return str(parse(value.decode()))


@functools.singledispatch
@raises(OSError)
def stored(value: object) -> bytes:
    return read()


@stored.register  # E: "stored_number" may raise "KeyError"
def stored_number(value: int) -> bytes:
    return look_up(str(value)).encode()


@raises()
def callers() -> None:
    shown(1)  # E: "shown" may raise "KeyError"  # E: "shown" may raise "ValueError"
    stored(1)  # E: "stored" may raise "OSError"
    stored_number(1)  # E: "stored_number" may raise "KeyError"
