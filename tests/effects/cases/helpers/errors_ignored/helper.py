# mypy: ignore-errors
from collections.abc import Iterator
from contextlib import contextmanager

from cases.calls import look_up, parse, read


def go() -> bytes:
    return read()


def stay() -> int:
    return 1


class Store:
    def __init__(self, name: str) -> None:
        self.name = look_up(name)

    def size(self) -> int:
        return parse(self.name)


def every() -> Iterator[bytes]:
    yield read()


@contextmanager
def held() -> Iterator[None]:
    yield
    read()
