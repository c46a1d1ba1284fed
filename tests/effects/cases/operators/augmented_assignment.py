from cases.calls import look_up, read
from nimnet_effects import raises


class Sink:
    def __iand__(self, data: bytes) -> "Sink":
        read()
        return self

    def __add__(self, other: int) -> "Sink":
        look_up("a")
        return self


class Holder:
    def __init__(self) -> None:
        self.sink = Sink()


@raises()
def undeclared(sink: Sink, holder: Holder) -> None:
    sink &= b"a"  # E: "Sink.__iand__" may raise "OSError"
    holder.sink &= b"a"  # E: "Sink.__iand__" may raise "OSError"
    sink += 1  # E: "Sink.__add__" may raise "KeyError"


@raises(OSError)
def declared(sink: Sink) -> None:
    sink &= b"a"


@raises()
def numbers(n: int) -> int:
    n += 1
    n &= 7
    return n
