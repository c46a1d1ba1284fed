from collections.abc import Iterator

from cases.calls import read
from nimnet_effects import raises


def numbers() -> Iterator[int]:
    try:
        yield 1
    except OSError:
        # A loop throws nothing into a generator.
        pass


@raises()
def loops() -> None:
    for _ in numbers():
        read()  # E: "read" may raise "OSError"
