from collections.abc import Iterator


def inner() -> Iterator[bytes]:
    yield b""


def made() -> Iterator[bytes]:
    return inner()
