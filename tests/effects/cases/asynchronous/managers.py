from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from cases.calls import look_up, read
from nimnet_effects import raises


class Manager:
    async def __aenter__(self) -> int:
        read()
        return 1

    async def __aexit__(self, *_: object) -> None:
        look_up("a")


@asynccontextmanager
async def opened() -> AsyncIterator[None]:
    read()
    yield


@raises()
async def undeclared() -> None:
    async with Manager():  # E: "Manager.__aenter__" may raise "OSError"  # E: "Manager.__aexit__" may raise "KeyError"
        pass
    async with opened():  # E: "opened" may raise "OSError"
        pass


@raises(OSError, KeyError)
async def declared() -> None:
    async with Manager() as n, opened():
        print(n)
