from collections.abc import Callable, Iterator

from cases.calls import look_up, read
from nimnet_effects import raises


def numbers() -> Iterator[bytes]:
    yield read()


def names() -> Iterator[str]:
    yield look_up("a")


def returned() -> Iterator[bytes]:
    return numbers()


def returned_further() -> Iterator[bytes]:
    made = returned()
    return made


def returned_expression(keys: list[str]) -> Iterator[str]:
    return (look_up(key) for key in keys)


def either(flag: bool) -> Iterator[bytes] | Iterator[str]:
    return numbers() if flag else names()


class Reader:
    def __init__(self) -> None:
        self.made = numbers()

    def __iter__(self) -> Iterator[bytes]:
        return numbers()

    @property
    def lines(self) -> Iterator[bytes]:
        return numbers()

    @raises()
    def take(self) -> bytes:
        return next(self.made)  # E: "numbers" may raise "OSError"

    @raises()
    def loop(self) -> None:
        for x in self.made:  # E: "numbers" may raise "OSError"
            print(x)


@raises()
def in_other_variables() -> None:
    made = numbers()
    other = made
    for x in other:  # E: "numbers" may raise "OSError"
        print(x)


@raises()
def one_of_two(flag: bool) -> None:
    made = numbers() if flag else None
    if made is not None:
        next(made)  # E: "numbers" may raise "OSError"


@raises()
def from_functions(keys: list[str]) -> None:
    for x in returned():  # E: "returned" may raise "OSError"
        print(x)
    list(returned_further())  # E: "returned_further" may raise "OSError"
    for name in returned_expression(keys):  # E: "returned_expression" may raise "KeyError"
        print(name)
    made = returned()
    next(made)  # E: "returned" may raise "OSError"
    later: Callable[[], Iterator[bytes]] = lambda: numbers()
    for x in later():  # E: may raise "OSError"
        print(x)


@raises()
def only_called(flag: bool, keys: list[str]) -> None:
    returned()
    returned_further()
    kept = returned_expression(keys)
    print(kept, either(flag))


@raises()
def unpacked() -> None:
    made = numbers()
    first, *rest = made  # E: "numbers" may raise "OSError"
    print(first, rest)


@raises()
def of_objects(reader: Reader) -> None:
    for x in reader:  # E: "Reader.__iter__" may raise "OSError"
        print(x)
    for x in reader.lines:  # E: "Reader.lines" may raise "OSError"
        print(x)
    print(reader.lines)


@raises()
def handed_over() -> None:
    # Whoever gets it may run it.
    run(numbers())  # E: "numbers" may raise "OSError"
    made = numbers()
    run(made)  # E: "numbers" may raise "OSError"


def run(made: Iterator[bytes]) -> bytes:
    return next(made)


@raises()
def handled_where_it_runs() -> None:
    made = returned()
    try:
        for x in made:
            print(x)
    except OSError:
        pass


@raises(OSError)
def declared_for_whom_it_is_given_to() -> Iterator[bytes]:
    return numbers()


@raises()
def hears_what_is_declared() -> None:
    made = declared_for_whom_it_is_given_to()  # E: "declared_for_whom_it_is_given_to" may raise "OSError"
    for x in made:
        print(x)
