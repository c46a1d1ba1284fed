from collections.abc import Callable

from cases.calls import read
from nimnet_effects import raises


@raises()
def makes() -> Callable[[], bytes]:
    def inner() -> bytes:
        return read()

    return inner


@raises()
def passes_on() -> None:
    # What a callback raises cannot be seen.
    go = makes()
    go()
    list(map(read, [1, 2]))
