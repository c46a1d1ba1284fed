from enum import Enum
from typing import NamedTuple

from cases.calls import read
from nimnet_effects import raises


class Pair(NamedTuple):
    a: int
    b: int

    def go(self) -> bytes:
        return read()


class Color(Enum):
    RED = 1

    def go(self) -> bytes:
        return read()


class Level(Enum):
    LOW = 1

    @classmethod
    def _missing_(cls, value: object) -> "Level":
        read()
        return cls.LOW


@raises()
def levels(number: int) -> None:
    Level(number)  # E: "Level._missing_" may raise "OSError"
    Level.LOW
    Color(number)


@raises(ValueError, OSError)
def no_level(number: int) -> Level:
    return Level(number)


@raises()
def callers(pair: Pair) -> None:
    Pair(1, 2)
    pair.go()  # E: "Pair.go" may raise "OSError"
    Color.RED.go()  # E: "Color.go" may raise "OSError"
    Color.RED
    pair.a


@raises(OSError)
def declared() -> bytes:
    return Pair(1, 2).go()
