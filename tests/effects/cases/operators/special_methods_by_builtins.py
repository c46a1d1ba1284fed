from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Value:
    def __bool__(self) -> bool:
        return bool(read())

    def __str__(self) -> str:
        return look_up("a")

    def __len__(self) -> int:
        return parse("1")


class Plain:
    pass


@raises()
def own(value: Value) -> None:
    bool(value)  # E: "Value.__bool__" may raise "OSError"
    str(value)  # E: "Value.__str__" may raise "KeyError"
    len(value)  # E: "Value.__len__" may raise "ValueError"


@raises(KeyError)
def declared(value: Value) -> str:
    return str(value)


@raises()
def plain(value: Plain, text: str) -> str:
    return str(bool(value)) + str(len(text))
