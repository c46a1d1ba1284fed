from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def undeclared() -> None:
    try:
        read()
    except OSError:
        pass
    else:
        read()  # E: "read" may raise "OSError"


@raises(KeyError)
def declared() -> None:
    try:
        read()
    except OSError:
        pass
    else:
        look_up("a")
