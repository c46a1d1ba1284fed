import itertools

from cases.calls import read
from nimnet_effects import raises


class Lines:
    def __iter__(self) -> "Lines":
        return self

    def __next__(self) -> bytes:
        if data := read():
            return data
        raise StopIteration


@raises()
def consumers(lines: Lines) -> None:
    list(lines)  # E: "Lines.__next__" may raise "OSError"
    b"".join(lines)  # E: "Lines.__next__" may raise "OSError"
    sorted(lines)  # E: "Lines.__next__" may raise "OSError"
    [*lines]  # E: "Lines.__next__" may raise "OSError"
    list(map(len, lines))  # E: "Lines.__next__" may raise "OSError"
    list(filter(None, lines))  # E: "Lines.__next__" may raise "OSError"
    list(itertools.islice(lines, 2))  # E: "Lines.__next__" may raise "OSError"
    first, *rest = lines  # E: "Lines.__next__" may raise "OSError"


@raises(OSError)
def declared(lines: Lines) -> list[bytes]:
    return list(lines)


@raises()
def other_lists(numbers: list[int]) -> None:
    list(numbers)
    sorted(numbers)
    list(map(str, itertools.chain(numbers, range(2))))
    [*numbers]
