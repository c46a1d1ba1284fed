"""Stands for a library of somebody else: its functions declare nothing."""

from typing import overload


class Client:
    def __init__(self, host: str) -> None:
        self.host = host

    def fetch(self, timeout: float | None = None) -> bytes:
        return b""

    @property
    def state(self) -> str:
        return "idle"

    @classmethod
    def default(cls) -> "Client":
        return cls("localhost")

    @staticmethod
    def check(host: str) -> bool:
        return bool(host)


class ClientError(Exception):
    pass


@overload
def convert(value: int) -> str: ...
@overload
def convert(value: str) -> int: ...
def convert(value: int | str) -> str | int:
    return str(value) if isinstance(value, int) else 0


def close(limit: int = -1) -> None:
    pass


def harmless() -> None:
    raise AttributeError("its contract says that it does not")
