from collections.abc import Iterator
from contextlib import contextmanager

from cases.calls import look_up, read
from nimnet_effects import raises


@contextmanager
@raises(OSError)
def opened() -> Iterator[None]:
    read()
    yield
    look_up("a")  # E: "look_up" may raise "KeyError"


@raises()
def opens() -> None:
    with opened():  # E: "opened" may raise "OSError"
        pass


@raises(OSError)
def declared() -> None:
    with opened():
        pass
