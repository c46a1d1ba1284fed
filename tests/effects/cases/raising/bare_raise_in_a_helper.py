from cases.calls import read
from nimnet_effects import raises


def log_and_raise(error: OSError) -> None:
    print(error)
    raise error


@raises(OSError)
def declared() -> None:
    try:
        read()
    except OSError as error:
        log_and_raise(error)


@raises()
def undeclared() -> None:
    try:
        read()
    except OSError as error:
        log_and_raise(error)  # E: "log_and_raise" may raise "OSError"


@raises()
def nothing_to_raise() -> None:
    try:
        print(1)
    except OSError:
        raise
