from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def wrong_one() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    except KeyError:
        pass


@raises()
def one_of_two() -> None:
    try:
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
    except OSError:
        pass
