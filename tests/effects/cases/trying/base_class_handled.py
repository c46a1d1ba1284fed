from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def exception() -> None:
    try:
        read()
        look_up("a")
    except Exception:
        pass


@raises()
def base_exception() -> None:
    try:
        read()
    except BaseException:
        pass


@raises()
def lookup_error() -> None:
    try:
        look_up("a")
        read()  # E: "read" may raise "OSError"
    except LookupError:
        pass
