from cases.calls import look_up, quiet, read
from nimnet_effects import raises


@raises()
def none() -> bytes:
    quiet()
    return read()  # E: "read" may raise "OSError"


@raises(KeyError)
def another() -> str:
    read()  # E: "read" may raise "OSError"
    return look_up("a")
