from contextlib import suppress

from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def named() -> None:
    ignoring = suppress(OSError)
    with ignoring:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
