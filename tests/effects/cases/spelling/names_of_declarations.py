from typing import Final

import nimnet_effects
from cases.calls import read
from nimnet_effects import raises
from nimnet_effects import raises as may_raise

nothing = raises()
network: Final = raises(OSError, EOFError)
declares = raises
again = declares
quiet = nothing
timed = raises(timeout=TimeoutError)
twice = raises()
twice = raises(OSError)
if __name__ == "__main__":
    sometimes = raises()
else:
    sometimes = raises(OSError)


@nothing
def named() -> None:
    read()  # E: "read" may raise "OSError"


@quiet
def named_again() -> None:
    read()  # E: "read" may raise "OSError"


@network
def with_classes() -> None:
    read()
    raise EOFError


@network
def held_to_its_word() -> None:  # N: declares "EOFError", but nothing in it can raise that  
    read()


@declares(ValueError)
def by_another_name() -> None:
    raise ValueError


@again()
def by_a_third_name() -> None:
    read()  # E: "read" may raise "OSError"


@may_raise()
def imported_under_a_name() -> None:
    read()  # E: "read" may raise "OSError"


@nimnet_effects.raises()
def of_a_module() -> None:
    read()  # E: "read" may raise "OSError"


@raises()
def caller() -> None:
    with_classes()  # E: "with_classes" may raise "EOFError" and "OSError"
    by_another_name()  # E: "by_another_name" may raise "ValueError"


@timed
def waits(timeout: float = -1) -> None:
    if timeout > 0:
        raise TimeoutError


@raises()
def calls_with_and_without() -> None:
    waits()
    waits(3)  # E: "waits" may raise "TimeoutError"


@timed  # E: "waits_for" has no parameter "timeout"
def waits_for(seconds: float) -> None:
    if seconds > 0:
        raise TimeoutError


@twice  # E: this declaration cannot be read: write @raises(...) with names of classes
def given_two_values() -> None:
    read()


@sometimes  # E: this declaration cannot be read
def given_under_a_condition() -> None:
    read()


class Methods:
    own = raises(OSError)

    @nothing
    def named(self) -> None:
        read()  # E: "read" may raise "OSError"

    @own  # E: this declaration cannot be read
    def of_the_class(self) -> None:
        read()


def factory() -> None:
    local = raises(OSError)

    @local  # E: this declaration cannot be read
    def inner() -> None:
        read()

    @nothing
    def quiet() -> None:
        read()  # E: "read" may raise "OSError"

    inner()
    quiet()
