from typing import Protocol

from cases import calls
from nimnet_effects import raises


class Reading(Protocol):
    @raises(OSError)
    def read(self, size: int = 1) -> bytes: ...


class Parsing(Protocol):
    @raises(KeyError)
    def parse(self, text: str) -> int: ...


def take_reading(reading: Reading) -> None:
    print(reading)


def take_parsing(parsing: Parsing) -> None:
    print(parsing)


def take() -> None:
    take_reading(calls)
    take_parsing(calls)  # E: "parse" may raise "ValueError", which "Parsing.parse" does not declare
