from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Money:
    def __add__(self, other: "Money") -> "Money":
        read()
        return self

    def __radd__(self, other: int) -> "Money":
        look_up("a")
        return self

    def __neg__(self) -> "Money":
        parse("a")
        return self

    def __lt__(self, other: "Money") -> bool:
        return bool(read())


@raises()
def undeclared(a: Money, b: Money) -> None:
    a + b  # E: "Money.__add__" may raise "OSError"
    1 + a  # E: "Money.__radd__" may raise "KeyError"
    -a  # E: "Money.__neg__" may raise "ValueError"
    a < b  # E: "Money.__lt__" may raise "OSError"


@raises(OSError)
def declared(a: Money, b: Money) -> bool:
    return a + b < b


@raises()
def others(a: Money, x: int, y: int) -> bool:
    x + y
    -x
    return x < y and a is not None
