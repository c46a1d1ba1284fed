from cases.calls import read
from nimnet_effects import raises


class Lines:
    def __iter__(self) -> "Lines":
        return self

    @raises(OSError)
    def __next__(self) -> bytes:
        return read()


@raises()
def enumerated(lines: Lines) -> None:
    for n, line in enumerate(lines):  # E: "Lines.__next__" may raise "OSError"
        print(n, line)
    for a, b in zip(lines, lines):  # E: "Lines.__next__" may raise "OSError"
        print(a, b)


@raises(OSError)
def declared(lines: Lines) -> None:
    for n, line in enumerate(lines):
        print(n, line)


@raises()
def handled(lines: Lines) -> None:
    try:
        for line in enumerate(lines):
            print(line)
    except OSError:
        pass
