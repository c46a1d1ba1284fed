from typing import overload

from cases.calls import read
from nimnet_effects import raises

network = raises(OSError)


@network
@raises(ValueError)
def both() -> None:
    read()
    raise ValueError


@raises(ValueError)
@network
def in_the_other_order() -> None:
    read()
    raise ValueError


@raises()
@raises(OSError)
def nothing_takes_nothing_away() -> None:
    read()


@raises()
def caller() -> None:
    both()  # E: "both" may raise "OSError" and "ValueError"


@raises(timeout=TimeoutError)
@raises(timeout=EOFError)
def of_one_parameter(timeout: int = 0) -> None:
    if timeout:
        raise TimeoutError if timeout > 1 else EOFError


@raises()
def gives_it() -> None:
    of_one_parameter()
    of_one_parameter(1)  # E: "of_one_parameter" may raise "EOFError" and "TimeoutError"


@overload
@network
@raises(ValueError)
def form(value: int) -> None: ...
@overload
@raises()
def form(value: str) -> None: ...
def form(value: int | str) -> None:
    read()
    if isinstance(value, int):
        raise ValueError


@raises()
def calls_forms() -> None:
    form("")
    form(1)  # E: "form" may raise "OSError" and "ValueError"
