from collections.abc import Iterator

from cases.calls import read


def numbers() -> Iterator[int]:
    yield 1
    read()
