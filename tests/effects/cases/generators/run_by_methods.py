from collections.abc import Generator
from contextlib import closing

from cases.calls import look_up, parse, read
from nimnet_effects import raises


def echoes() -> Generator[bytes, str, None]:
    while True:
        yield read()


def tidies() -> Generator[bytes, None, None]:
    try:
        yield read()
    finally:
        look_up("a")


def takes() -> Generator[int, None, None]:
    parse("1")
    try:
        yield 1
    except ValueError:
        pass
    yield 2


def wraps() -> Generator[bytes, None, None]:
    yield from tidies()


@raises()
def sent() -> None:
    made = echoes()
    made.send("a")  # E: "echoes" may raise "OSError"


@raises()
def advanced() -> None:
    made = echoes()
    made.__next__()  # E: "echoes" may raise "OSError"
    next(made)  # E: "echoes" may raise "OSError"


@raises()
def handled() -> None:
    made = echoes()
    try:
        made.send("a")
    except OSError:
        pass


@raises(ValueError)
def thrown() -> None:
    made = takes()
    made.throw(ValueError("a"))


@raises()
def thrown_and_not_taken() -> None:
    made = takes()
    made.throw(KeyError("a"))  # E: this raises "KeyError"  # E: "takes" may raise "ValueError"


@raises()
def closed() -> None:
    # Only what stands around the yields runs.
    made = echoes()
    made.close()
    other = tidies()
    other.close()  # E: "tidies" may raise "KeyError"
    another = wraps()
    another.close()  # E: "wraps" may raise "KeyError"


@raises()
def closed_by_a_manager() -> None:
    with closing(tidies()):  # E: "tidies" may raise "KeyError"
        pass
    with closing(echoes()) as made:
        print(made)
    with closing(echoes()) as made:
        for x in made:  # E: "echoes" may raise "OSError"
            print(x)


@raises()
def never_run() -> None:
    made = echoes()
    print(made, isinstance(made, Generator))


@raises(OSError)
def declared() -> None:
    made = echoes()
    made.send("a")


@raises(OSError)
def of_somebody_else(made: Generator[bytes, str, None]) -> bytes:
    # Nobody knows what that raises, nor that it is nothing.
    return made.send("a")
