from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def one_line() -> None:
    read()  # type: ignore[raises]
    look_up("a")  # E: "look_up" may raise "KeyError"


@raises()
def first_line_of_several() -> None:
    read(  # type: ignore[raises]
        1,
    )


@raises()
def all_codes() -> None:
    read()  # type: ignore


@raises()
def one_of_two_codes() -> None:
    read().nothing  # type: ignore[attr-defined, raises]
