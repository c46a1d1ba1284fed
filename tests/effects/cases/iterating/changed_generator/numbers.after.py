from collections.abc import Iterator

from cases.calls import parse


def numbers() -> Iterator[int]:
    yield 1
    yield parse("a")
