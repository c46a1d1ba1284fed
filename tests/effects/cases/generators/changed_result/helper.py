from collections.abc import Iterator

from cases.calls import read


def inner() -> Iterator[bytes]:
    yield read()


def made() -> Iterator[bytes]:
    return inner()
