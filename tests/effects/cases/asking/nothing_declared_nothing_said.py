from cases.calls import look_up, read
from nimnet_effects import raises


def undeclared() -> None:
    read()
    raise ValueError


class Plain:
    def __init__(self) -> None:
        read()

    def method(self) -> None:
        look_up("a")
        raise KeyError


class Child(Plain):
    def method(self) -> None:
        raise OSError


read()
Plain().method()


@raises()
def beside() -> int:
    return 1
