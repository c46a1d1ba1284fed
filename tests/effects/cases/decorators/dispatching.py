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


class Encoder:
    @functools.singledispatchmethod
    def put(self, value: object) -> str:
        return ""

    @put.register
    def _(self, value: int) -> str:
        return look_up(str(value))

    @put.register(bytes)
    @raises(ValueError)
    def _(self, value: bytes) -> str:
        return str(parse(value.decode()))

    def ask(self, question: str, count: int = 1) -> bytes:
        return read(count)

    ask_once = functools.partialmethod(ask, count=1)


@raises()
def encoding(encoder: Encoder) -> None:
    encoder.put(1)  # E: "Encoder.put" may raise "KeyError"  # E: "Encoder.put" may raise "ValueError"
    encoder.ask_once("a")  # E: "Encoder.ask" may raise "OSError"


@raises(KeyError, ValueError, OSError)
def encoding_declared(encoder: Encoder) -> None:
    encoder.put(1)
    encoder.ask_once("a")
