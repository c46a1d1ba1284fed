"""Lambdas that use what they are given, where a protocol says what that is."""

from collections.abc import Callable
from typing import Protocol, TypedDict, TypeVar

from cases.calls import look_up, parse, quiet, read
from nimnet_effects import raises

T = TypeVar("T", contravariant=True)
B = TypeVar("B", bound="Each")


class Reader:
    @raises(OSError)
    def read(self, size: int = 1) -> bytes:
        return read(size)

    @raises(KeyError)
    def find(self) -> str:
        return look_up("a")


class Each(Protocol):
    @raises(KeyError)
    def __call__(self, reader: Reader) -> object: ...


class Of(Protocol[T]):
    @raises(KeyError)
    def __call__(self, item: T, /) -> object: ...


class Undeclared(Protocol):
    def __call__(self, reader: Reader) -> object: ...


class Table(TypedDict):
    run: Each


def each(run: Each | None, *others: Each) -> None: ...


def of_list(runs: list[Each]) -> None: ...


def bounded(run: B) -> B:
    return run


def undeclared(run: Undeclared) -> None: ...


def plain(run: Callable[[Reader], object]) -> None: ...


def handed_over(flag: bool) -> None:
    each(lambda reader: reader.read())  # E: "lambda" may raise "OSError"
    each(lambda reader: reader.find())
    each(lambda it: it.read())  # E: "lambda" may raise "OSError"
    each(run=lambda reader: [one.read(2) for one in [reader]])  # E: "lambda" may raise "OSError"
    each(None, lambda reader: (reader.find(), reader.read()))  # E: "lambda" may raise "OSError"
    each((lambda a: a.read()) if flag else (lambda b: b.find()))  # E: "lambda" may raise "OSError"
    each(lambda reader: reader.read() if quiet() else None)  # E: "lambda" may raise "OSError"
    each(lambda reader: lambda: reader.read())
    each(lambda _: parse("1"))  # E: "lambda" may raise "ValueError"
    for size in range(3):
        each(lambda reader, size=size: reader.read(size))  # E: "lambda" may raise "OSError"
        each(lambda reader, size=size: size)
    of_list([lambda reader: reader.read(), lambda reader: reader.find()])  # E: "lambda" may raise "OSError"
    bounded(lambda reader: reader.read())  # E: "lambda" may raise "OSError"
    each(lambda *readers: readers[0].find())


def kept() -> Each:
    kept: Each = lambda reader: reader.read()  # E: "lambda" may raise "OSError"
    kept(Reader())
    of: Of[Reader] = lambda reader: reader.read()  # E: "lambda" may raise "OSError"
    numbers: Of[int] = lambda number: parse(str(number))  # E: "lambda" may raise "ValueError"
    table: Table = {"run": lambda reader: reader.read()}  # E: "lambda" may raise "OSError"
    print(of, numbers, table)
    return lambda reader: reader.read()  # E: "lambda" may raise "OSError"


def nobody_declares() -> None:
    undeclared(lambda reader: reader.read())
    plain(lambda reader: reader.read())


@raises()
def called() -> None:
    kept: Each = lambda reader: reader.find()
    kept(Reader())  # E: "lambda" may raise "KeyError"


def what_mypy_does_not_like() -> None:
    each(lambda reader, other: reader.read())  # type: ignore[arg-type]
    each(lambda reader: reader.missing())
