from cases.calls import look_up, quiet, read
from nimnet_effects import raises


@raises()
def takes(*values: object, **named: object) -> None:
    pass


@raises()
def callers() -> None:
    takes(read())  # E: "read" may raise "OSError"
    takes(1, name=look_up("a"))  # E: "look_up" may raise "KeyError"
    takes(quiet(), read)


@raises(OSError)
def declared() -> None:
    takes(read(), name=read())
