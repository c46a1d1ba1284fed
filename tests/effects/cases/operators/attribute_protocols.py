from typing import Any

from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Dynamic:
    def __getattr__(self, name: str) -> str:
        return look_up(name)


class Descriptor:
    def __get__(self, owner: object, kind: type[object] | None = None) -> int:
        return parse("1")

    def __set__(self, owner: object, value: int) -> None:
        read()


class Owner:
    field = Descriptor()
    plain = 1


@raises()
def dynamic(value: Dynamic) -> None:
    value.anything  # E: "Dynamic.__getattr__" may raise "KeyError"


@raises()
def descriptors(owner: Owner) -> None:
    owner.field  # E: "Descriptor.__get__" may raise "ValueError"
    owner.field = 2  # E: "Descriptor.__set__" may raise "OSError"
    owner.plain
    owner.plain = 2


@raises(ValueError)
def declared(owner: Owner) -> int:
    return owner.field
