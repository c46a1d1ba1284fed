import asyncio

from cases.calls import read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


@raises()
async def gathered() -> None:
    await asyncio.gather(fetch(), fetch())  # E: "fetch" may raise "OSError"


@raises()
async def waited() -> None:
    await asyncio.wait_for(fetch(), 1)  # E: "fetch" may raise "OSError"


@raises()
async def only_started() -> None:
    task = asyncio.create_task(fetch())
    task.add_done_callback(print)


@raises(OSError)
async def declared() -> tuple[bytes, bytes]:
    return await asyncio.gather(fetch(), fetch())


@raises()
def run() -> None:
    asyncio.run(fetch())  # E: "fetch" may raise "OSError"
