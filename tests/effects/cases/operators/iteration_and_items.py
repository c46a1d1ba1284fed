from collections.abc import Iterator

from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Iterated:
    def __iter__(self) -> "Iterated":
        return self

    def __next__(self) -> int:
        return parse("1")


class Sliced:
    def __getitem__(self, index: slice) -> str:
        return look_up("a")

    def __setitem__(self, index: slice, value: str) -> None:
        read()


class Number:
    def __index__(self) -> int:
        return parse("1")


class Missing(dict[str, int]):
    def __missing__(self, key: str) -> int:
        return parse(key)


class Hashed:
    def __hash__(self) -> int:
        return len(read())


class Mapped:
    def keys(self) -> list[str]:
        read()
        return ["a"]

    def __getitem__(self, key: str) -> int:
        return parse(key)


class Backwards:
    def __iter__(self) -> Iterator[int]:
        return iter(())

    def __reversed__(self) -> Iterator[int]:
        read()
        return iter(())


@raises()
def searched(iterated: Iterated) -> None:
    1 in iterated  # E: "Iterated.__next__" may raise "ValueError"


@raises()
def slices(sliced: Sliced) -> None:
    sliced[1:2]  # E: "Sliced.__getitem__" may raise "KeyError"
    sliced[1:2] = "a"  # E: "Sliced.__setitem__" may raise "OSError"


@raises()
def indices(numbers: list[int], number: Number) -> None:
    numbers[number]  # E: "Number.__index__" may raise "ValueError"
    numbers[number:]  # E: "Number.__index__" may raise "ValueError"
    numbers[1:2]
    range(number)  # E: "Number.__index__" may raise "ValueError"
    int(number)  # E: "Number.__index__" may raise "ValueError"
    hex(number)  # E: "Number.__index__" may raise "ValueError"


@raises()
def missing(table: Missing, plain: dict[str, int]) -> None:
    table["a"]  # E: "Missing.__missing__" may raise "ValueError"
    table["a"] = 1
    plain["a"]


@raises()
def hashes(hashed: Hashed, table: dict[Hashed, int], hashes: list[Hashed]) -> None:
    {hashed}  # E: "Hashed.__hash__" may raise "OSError"
    {hashed: 1}  # E: "Hashed.__hash__" may raise "OSError"
    {x for x in hashes}  # E: "Hashed.__hash__" may raise "OSError"
    {x: 1 for x in hashes}  # E: "Hashed.__hash__" may raise "OSError"
    table[hashed]  # E: "Hashed.__hash__" may raise "OSError"
    hashed in table  # E: "Hashed.__hash__" may raise "OSError"
    hash(hashed)  # E: "Hashed.__hash__" may raise "OSError"
    [hashed]


@raises()
def mappings(mapped: Mapped, plain: dict[str, int]) -> None:
    {**mapped}  # E: "Mapped.keys" may raise "OSError"  # E: "Mapped.__getitem__" may raise "ValueError"
    dict(**mapped)  # E: "Mapped.keys" may raise "OSError"  # E: "Mapped.__getitem__" may raise "ValueError"
    {**plain}


@raises()
def others(backwards: Backwards, n: int) -> None:
    reversed(backwards)  # E: "Backwards.__reversed__" may raise "OSError"
    divmod(n, 2)
    round(1.5)
    abs(n)


@raises(ValueError)
def declared(iterated: Iterated) -> bool:
    return 1 in iterated
