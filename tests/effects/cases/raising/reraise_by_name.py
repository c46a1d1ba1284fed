from cases.calls import read
from nimnet_effects import raises


@raises(OSError)
def declared() -> None:
    try:
        read()
    except Exception as error:
        print(error)
        raise error


@raises()
def undeclared() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    except OSError as error:
        raise error


@raises(OSError)
def with_another_context() -> None:
    try:
        read()
    except OSError as error:
        raise error from None


@raises(OSError)
def with_a_changed_traceback() -> None:
    try:
        read()
    except OSError as error:
        raise error.with_traceback(None)
