from cases.calls import look_up, read
from nimnet_effects import raises


class Reading:
    def __enter__(self) -> "Reading":
        read()
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Looking:
    def __init__(self, after: Reading) -> None:
        pass

    def __enter__(self) -> None:
        look_up("a")

    def __exit__(self, *_: object) -> None:
        pass


@raises()
def in_one_statement() -> None:
    with Reading() as reading, Looking(reading):  # E: "Reading.__enter__" may raise "OSError"  # E: "Looking.__enter__" may raise "KeyError"
        pass


@raises()
def in_parentheses() -> None:
    with (
        Reading() as reading,  # E: "Reading.__enter__" may raise "OSError"
        Looking(reading),  # E: "Looking.__enter__" may raise "KeyError"
    ):
        pass


@raises()
def one_in_the_other() -> None:
    try:
        with Reading() as reading:
            with Looking(reading):  # E: "Looking.__enter__" may raise "KeyError"
                pass
    except OSError:
        pass


@raises(OSError, KeyError)
def declared() -> None:
    with Reading() as reading, Looking(reading):
        pass
