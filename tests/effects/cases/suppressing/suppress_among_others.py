from contextlib import nullcontext, suppress

from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def inner() -> None:
    with nullcontext(), suppress(OSError):
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"


@raises()
def outer() -> None:
    with suppress(OSError), nullcontext(read()):
        pass


@raises()
def wrong_order() -> None:
    with nullcontext(read()), suppress(OSError):  # E: "read" may raise "OSError"
        pass


@raises()
def two() -> None:
    with suppress(OSError):
        with suppress(KeyError):
            read()
            look_up("a")
