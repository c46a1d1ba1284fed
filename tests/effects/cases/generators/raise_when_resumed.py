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
    # What is declared of a function that returns an iterator is what iterating may raise.
    return numbers()  # E: "numbers" may raise "OSError"


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
