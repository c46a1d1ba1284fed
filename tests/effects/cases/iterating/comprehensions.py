from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Lines:
    def __iter__(self) -> "Lines":
        return self

    @raises(OSError, StopIteration)
    def __next__(self) -> str:
        return read().decode()


@raises()
def iterates(lines: Lines) -> None:
    [x for x in lines]  # E: "Lines.__next__" may raise "OSError"
    {x for x in lines}  # E: "Lines.__next__" may raise "OSError"
    {x: 1 for x in lines}  # E: "Lines.__next__" may raise "OSError"


@raises()
def elements(names: list[str]) -> None:
    [look_up(x) for x in names]  # E: "look_up" may raise "KeyError"
    {parse(x): 1 for x in names}  # E: "parse" may raise "ValueError"
    [x for x in names if look_up(x)]  # E: "look_up" may raise "KeyError"
    [y for x in names for y in look_up(x)]  # E: "look_up" may raise "KeyError"


@raises(KeyError)
def declared(names: list[str]) -> list[str]:
    return [look_up(x) for x in names]


@raises()
def handled(names: list[str]) -> list[str]:
    try:
        return [look_up(x) for x in names]
    except KeyError:
        return [x for x in names]
