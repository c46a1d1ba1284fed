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


class InInstance:
    def __init__(self) -> None:
        self.field = Descriptor()


class Watching:
    value = 1

    def __getattribute__(self, name: str) -> Any:
        look_up(name)
        return super().__getattribute__(name)

    def __setattr__(self, name: str, value: object) -> None:
        read()
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        parse(name)

    def method(self) -> None:
        pass


class Callbacks:
    @property
    def run(self) -> Any:
        return look_up("a")


@raises()
def of_classes() -> None:
    Owner.field  # E: "Descriptor.__get__" may raise "ValueError"
    Owner.plain


@raises()
def of_instances(owner: InInstance) -> None:
    # Only in a class it is a descriptor.
    owner.field
    owner.field = Descriptor()


@raises()
def watching(watching: Watching) -> None:
    watching.value  # E: "Watching.__getattribute__" may raise "KeyError"
    watching.value = 1  # E: "Watching.__setattr__" may raise "OSError"
    del watching.value  # E: "Watching.__delattr__" may raise "ValueError"
    watching.method()  # E: "Watching.__getattribute__" may raise "KeyError"


@raises()
def called(callbacks: Callbacks, dynamic: Dynamic) -> None:
    callbacks.run()  # E: "Callbacks.run" may raise "KeyError"
    dynamic.anything.upper()  # E: "Dynamic.__getattr__" may raise "KeyError"


@raises(ValueError)
def declared(owner: Owner) -> int:
    return owner.field
