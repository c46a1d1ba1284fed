from typing import Any

from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Meta(type):
    def __getitem__(cls, key: str) -> str:
        return look_up(key)

    def __iter__(cls) -> "Meta":
        read()
        return cls

    def __next__(cls) -> int:
        return parse("1")

    def __len__(cls) -> int:
        return parse("1")

    def __contains__(cls, key: object) -> bool:
        return bool(read())

    def __lt__(cls, other: object) -> bool:
        return bool(read())

    def __instancecheck__(cls, instance: Any) -> bool:
        return bool(read())

    def __getattr__(cls, name: str) -> str:
        return look_up(name)

    @property
    def value(cls) -> int:
        return parse("1")


class Made(metaclass=Meta):
    plain = 1


class Calling(type):
    def __call__(cls, *arguments: Any) -> Any:
        read()
        return super().__call__(*arguments)


class Called(metaclass=Calling):
    pass


class Plain:
    pass


@raises()
def operators(kind: type[Made]) -> None:
    Made["a"]  # E: "Meta.__getitem__" may raise "KeyError"
    kind["a"]  # E: "Meta.__getitem__" may raise "KeyError"
    len(Made)  # E: "Meta.__len__" may raise "ValueError"
    1 in Made  # E: "Meta.__contains__" may raise "OSError"
    Made < Made  # E: "Meta.__lt__" may raise "OSError"
    for each in Made:  # E: "Meta.__iter__" may raise "OSError"  # E: "Meta.__next__" may raise "ValueError"
        print(each)


@raises()
def attributes() -> None:
    Made.other  # E: "Meta.__getattr__" may raise "KeyError"
    Made.value  # E: "Meta.value" may raise "ValueError"
    Made.plain


@raises()
def calls() -> None:
    Called()  # E: "Calling.__call__" may raise "OSError"
    Made()
    Plain()


@raises()
def checks(value: object) -> None:
    isinstance(value, Made)  # E: "Meta.__instancecheck__" may raise "OSError"
    isinstance(value, (int, Made))  # E: "Meta.__instancecheck__" may raise "OSError"
    isinstance(value, Plain)
    match value:
        case Made():  # E: "Meta.__instancecheck__" may raise "OSError"
            pass
        case Plain():
            pass


@raises()
def types() -> None:
    list[int]
    dict[str, Plain]
