from collections.abc import AsyncIterator

from cases.calls import read
from nimnet_effects import raises


async def lines() -> AsyncIterator[bytes]:
    yield read()


@raises()
async def loops() -> None:
    async for line in lines():  # E: "lines" may raise "OSError"
        print(line)


@raises(OSError)
async def declared() -> list[bytes]:
    return [line async for line in lines()]


@raises()
async def only_makes() -> None:
    lines()
    kept = lines()
    del kept
