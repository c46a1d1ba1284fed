from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Plain:
    pass


class ByInit:
    def __init__(self) -> None:
        read()


class ByNew:
    def __new__(cls) -> "ByNew":
        look_up("a")
        return super().__new__(cls)


class Both:
    def __new__(cls) -> "Both":
        look_up("a")
        return super().__new__(cls)

    def __init__(self) -> None:
        read()


class Inherited(ByInit):
    pass


class Meta(type):
    def __call__(cls, *args: object, **named: object) -> object:
        parse("a")
        return super().__call__(*args, **named)


@raises()
def makes() -> None:
    Plain()
    ByInit()  # E: "ByInit.__init__" may raise "OSError"
    ByNew()  # E: "ByNew.__new__" may raise "KeyError"
    Both()  # E: "Both.__new__" may raise "KeyError"  # E: "Both.__init__" may raise "OSError"
    Inherited()  # E: "ByInit.__init__" may raise "OSError"


@raises(OSError)
def by_a_variable(kind: type[ByInit]) -> ByInit:
    other = Plain
    other()
    return kind()


@raises()
def only_named() -> None:
    print(ByInit)
