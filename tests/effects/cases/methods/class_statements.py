from typing import Any

from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Base:
    def __init_subclass__(cls, name: str = "") -> None:
        look_up(name)


class Named:
    def __set_name__(self, owner: type[object], name: str) -> None:
        parse(name)


class Meta(type):
    def __new__(cls, name: str, bases: tuple[type, ...], members: dict[str, Any]) -> "Meta":
        read()
        return super().__new__(cls, name, bases, members)


def registered(kind: type[object]) -> type[object]:
    read()
    return kind


@raises()
def bases() -> None:
    class Derived(Base):  # E: "Base.__init_subclass__" may raise "KeyError"
        pass

    print(Derived)


@raises()
def attributes() -> None:
    class Holder:
        field = Named()  # E: "Named.__set_name__" may raise "ValueError"
        plain = 1

    print(Holder)


@raises()
def metaclasses() -> None:
    class Made(metaclass=Meta):  # E: "Meta.__new__" may raise "OSError"
        pass

    print(Made)


@raises()
def decorators() -> None:
    @registered  # E: "registered" may raise "OSError"
    class Decorated:
        pass

    print(Decorated)


@raises()
def harmless() -> None:
    class Plain:
        field = 1

    print(Plain())


@raises(KeyError)
def declared() -> None:
    class Derived(Base, name="a"):
        pass

    print(Derived)
