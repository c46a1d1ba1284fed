from typing import Final, Literal

from cases.contracts.ranges import library
from cases.contracts.ranges.library import FAR, HTTPS, Limits, Port, opened, pause
from nimnet_effects import raises

OWN: Final = 8_080
HUGE: Final = 10**5_000
BEYOND: Final[int] = 65_536


@raises()
def literals() -> None:
    Port(0)
    Port(65535)
    Port(value=443)
    Port(0x1F90)
    Port(8_000 + 80)
    Port(65536)  # E: "Port" may raise "ValueError"
    Port(-1)  # E: "Port" may raise "ValueError"
    Port(10**5_000)  # E: "Port" may raise "ValueError"
    Port(HUGE)  # E: "Port" may raise "ValueError"
    Port(value=8_000 - 80_000)  # E: "Port" may raise "ValueError"
    pause()
    pause(None)
    pause(0.25)
    pause(7)
    pause(-0.25)  # E: "pause" may raise "ValueError"


@raises(OSError)
def texts() -> None:
    opened("a")
    opened("a", "w")
    opened("a", mode="r")
    opened("a", "x")  # E: "opened" may raise "ValueError"


@raises()
def constants(limits: Limits) -> None:
    Port(OWN)
    Port(OWN + 1)
    Port(HTTPS)
    Port(library.HTTPS)
    pause(Limits.LONG)
    pause(limits.LONG)
    Port(BEYOND)  # E: "Port" may raise "ValueError"
    Port(FAR)  # E: "Port" may raise "ValueError"
    Port(library.FAR)  # E: "Port" may raise "ValueError"
    pause(library.SHORT)  # E: "pause" may raise "ValueError"
    pause(limits.NEVER)  # E: "pause" may raise "ValueError"


@raises()
def literal_types(right: Literal[80, 443], one: Literal[80], wrong: Literal[-1], any_: int) -> None:
    Port(one)
    Port(right)
    Port(wrong)  # E: "Port" may raise "ValueError"
    Port(any_)  # E: "Port" may raise "ValueError"
    if any_ == 80:
        Port(any_)  # E: "Port" may raise "ValueError"


@raises()
def one_of_them(secure: bool, mixed: Literal[443, 70000]) -> None:
    Port(443 if secure else 80)
    Port(443 if secure else 70_000)  # E: "Port" may raise "ValueError"
    Port(mixed)  # E: "Port" may raise "ValueError"


def port_of(number: int) -> Port:
    return Port(number)


def with_default(number: int = 80) -> Port:
    return port_of(number)


def with_wrong_default(number: int = -1) -> Port:
    return port_of(number)


def changed(number: int) -> Port:
    number += 1
    return Port(number)


@raises()
def through_helpers(any_: int) -> None:
    port_of(443)
    port_of(number=443)
    with_default()
    with_default(443)
    port_of(-1)  # E: "port_of" may raise "ValueError"
    port_of(any_)  # E: "port_of" may raise "ValueError"
    with_default(70_000)  # E: "with_default" may raise "ValueError"
    with_default(any_)  # E: "with_default" may raise "ValueError"
    with_wrong_default()  # E: "with_wrong_default" may raise "ValueError"
    changed(80)  # E: "changed" may raise "ValueError"


@raises(number=ValueError)
def declares_the_parameter(number: int) -> Port:
    return Port(number)


@raises(number=ValueError)
def declares_another(number: int, value: int) -> Port:
    Port(number)
    return Port(value)  # E: "Port" may raise "ValueError"


@raises()
def needs_no_declaration(number: int) -> Port:
    return Port(number)  # E: "Port" may raise "ValueError"


class Table:
    def __getitem__(self, number: int) -> Port:
        return Port(number)

    def __setitem__(self, number: int, value: int) -> None:
        Port(value)


@raises()
def operators(table: Table) -> None:
    table[80]
    table[-1]  # E: "Table.__getitem__" may raise "ValueError"
    table[80] = -1  # E: "Table.__setitem__" may raise "ValueError"


@raises()
def spread(numbers: list[int], pair: tuple[Literal[80]]) -> None:
    Port(*pair)
    Port(*numbers)  # E: "Port" may raise "ValueError"
    port_of(*numbers)  # E: "port_of" may raise "ValueError"


@raises()
def nested() -> None:
    @raises(number=ValueError)
    def inner(number: int) -> Port:
        return Port(number)

    inner(80)  # E: "nested.inner" may raise "ValueError"
    list(map(lambda number: Port(number), [1]))
