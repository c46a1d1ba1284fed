from collections.abc import Iterator

from cases.calls import read
from nimnet_effects import raises


def numbers() -> Iterator[bytes]:
    yield read()


@raises()
def loops() -> None:
    for x in numbers():  # E: "numbers" may raise "OSError"
        print(x)


@raises()
def only_makes() -> None:
    numbers()
    kept = numbers()
    del kept


@raises()
def hands_on() -> Iterator[bytes]:
    # Nothing runs here.
    return numbers()


@raises()
def loops_over_what_is_handed_on() -> None:
    for x in hands_on():  # E: "hands_on" may raise "OSError" (cases.generators.raise_when_resumed:27 calls "numbers"
        print(x)


@raises()
def handles_where_nothing_is_raised() -> None:
    try:
        made = numbers()
    except OSError:
        return
    for x in made:  # E: "numbers" may raise "OSError"
        print(x)


@raises()
def handles_where_it_is_raised() -> None:
    made = numbers()
    try:
        for x in made:
            print(x)
    except OSError:
        pass
