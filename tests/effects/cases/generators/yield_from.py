from collections.abc import Iterator

from cases.calls import read
from nimnet_effects import raises


def inner() -> Iterator[bytes]:
    yield read()


def outer() -> Iterator[bytes]:
    yield from inner()


@raises()
def undeclared() -> Iterator[bytes]:
    yield from inner()  # E: "inner" may raise "OSError"


@raises(OSError)
def declared() -> Iterator[bytes]:
    yield from outer()


@raises()
def loops() -> None:
    for x in outer():  # E: "outer" may raise "OSError"
        print(x)


@raises()
def handles() -> Iterator[bytes]:
    try:
        yield from inner()
    except OSError:
        pass
