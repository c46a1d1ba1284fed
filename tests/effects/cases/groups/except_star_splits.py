from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def both_parts() -> None:
    try:
        read()
        look_up("a")
    except* OSError:
        pass
    except* KeyError:
        pass


@raises()
def one_part() -> None:
    try:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    except* OSError:
        pass


@raises()
def handler_raises() -> None:
    try:
        read()
    except* OSError:
        look_up("a")  # E: "look_up" may raise
