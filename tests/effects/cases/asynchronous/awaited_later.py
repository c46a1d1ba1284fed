from cases.calls import read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


@raises()
async def later() -> None:
    coroutine = fetch()
    await coroutine  # E: "fetch" may raise "OSError"


@raises()
async def handled_where_awaited() -> None:
    coroutine = fetch()
    try:
        await coroutine
    except OSError:
        pass


@raises()
async def handled_where_made() -> None:
    try:
        coroutine = fetch()
    except OSError:
        return
    await coroutine  # E: "fetch" may raise "OSError"
