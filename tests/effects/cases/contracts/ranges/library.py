"""Stands for a library of somebody else: its functions declare nothing."""

from typing import Final


class Port(int):
    def __new__(cls, value: int) -> "Port":
        return super().__new__(cls, value)


def pause(seconds: float | None = None) -> None:
    pass


def opened(path: str, mode: str = "r") -> None:
    pass


HTTPS: Final = 443
FAR: Final[int] = 70_000
SHORT: Final = -0.5


class Limits:
    LONG: Final = 60 * 60
    NEVER: Final = -1
