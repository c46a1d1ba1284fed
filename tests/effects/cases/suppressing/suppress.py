import contextlib
from contextlib import suppress

from cases.calls import look_up, read
from nimnet_effects import raises

ERRORS = (OSError, KeyError)


@raises()
def one() -> None:
    with suppress(OSError):
        read()


@raises()
def several() -> None:
    with contextlib.suppress(OSError, KeyError):
        read()
        look_up("a")


@raises()
def from_a_tuple() -> None:
    with suppress(*ERRORS):
        read()
        look_up("a")


@raises()
def base_class() -> None:
    with suppress(Exception):
        read()


@raises()
def another() -> None:
    with suppress(KeyError):
        read()  # E: "read" may raise "OSError"


@raises()
def nothing() -> None:
    with suppress():
        read()  # E: "read" may raise "OSError"


@raises()
def behind_it() -> None:
    with suppress(OSError):
        read()
    read()  # E: "read" may raise "OSError"
