from cases.calls import read
from nimnet_effects import raises


class Lines:
    def __iter__(self) -> "Lines":
        return self

    @raises(OSError, StopIteration)
    def __next__(self) -> bytes:
        if data := read():
            return data
        raise StopIteration


@raises(StopIteration)
def undeclared(lines: Lines) -> bytes:
    return next(lines)  # E: "Lines.__next__" may raise "OSError"


@raises(OSError)
def with_a_default(lines: Lines) -> bytes:
    return next(lines, b"")


@raises(OSError)
def iteration_stops_by_itself(lines: Lines) -> None:
    for line in lines:
        print(line)
