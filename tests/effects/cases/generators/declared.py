from collections.abc import Generator, Iterator

from cases.calls import look_up, read
from nimnet_effects import raises


@raises(OSError)
def numbers() -> Iterator[bytes]:
    yield read()
    look_up("a")  # E: "look_up" may raise "KeyError"


@raises()
def harmless() -> Generator[int, None, str]:
    yield 1
    return "a"


@raises()
def undeclared() -> None:
    for x in numbers():  # E: "numbers" may raise "OSError"
        print(x)
    for y in harmless():
        print(y)


@raises(OSError)
def declared() -> list[bytes]:
    return list(numbers())
