import asyncio
from contextlib import suppress

from cases.calls import look_up, read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


async def found(name: str) -> str:
    return look_up(name)


def start() -> asyncio.Task[bytes]:
    return asyncio.create_task(fetch())


@raises()
async def returned(names: list[str]) -> None:
    await asyncio.gather(fetch(), start(), return_exceptions=True)
    for result in await asyncio.gather(asyncio.create_task(fetch()), return_exceptions=True):
        print(result)
    await asyncio.gather(*(found(name) for name in names), return_exceptions=True)
    await asyncio.gather(*[start() for _ in names], return_exceptions=True)
    await asyncio.gather(*[fetch(), *(found("a"), start())], return_exceptions=True)
    kept = asyncio.create_task(fetch())
    await asyncio.gather(kept, found("a"), return_exceptions=True)
    await kept  # E: "fetch" may raise "OSError"


@raises()
async def raised(names: list[str], flag: bool) -> None:
    await asyncio.gather(fetch(), return_exceptions=False)  # E: "fetch" may raise "OSError"
    await asyncio.gather(fetch(), return_exceptions=flag)  # E: "fetch" may raise "OSError"
    await asyncio.gather(*(found(name) for name in names))  # E: "found" may raise "KeyError"
    await asyncio.gather(found(look_up("a")), return_exceptions=True)  # E: "look_up" may raise "KeyError"


@raises()
async def kept_in_containers(names: list[str]) -> None:
    tasks = [asyncio.create_task(found(name)) for name in names]
    await asyncio.gather(*tasks, return_exceptions=True)
    filled: list[asyncio.Future[str]] = []
    for name in names:
        filled.append(asyncio.ensure_future(found(name)))
        filled.append(asyncio.create_task(found(name)))
    print(await asyncio.gather(*filled, return_exceptions=True))
    one = start()
    several = {one, start(), asyncio.create_task(fetch()) if names else start()}
    for task in several:
        task.cancel()
    with suppress(KeyError):
        await asyncio.gather(*several, return_exceptions=True)


@raises()
async def used_elsewhere(names: list[str]) -> None:
    tasks = [found(look_up(name)) for name in names]  # E: "look_up" may raise "KeyError"
    await asyncio.gather(*tasks, return_exceptions=True)
    others = [asyncio.create_task(fetch())]  # E: "fetch" may raise "OSError"
    await asyncio.gather(*others, return_exceptions=True)
    for other in others:
        await other
    filled: list[asyncio.Task[bytes]] = []
    filled.append(asyncio.create_task(fetch()))  # E: "fetch" may raise "OSError"
    await asyncio.gather(*filled, return_exceptions=True)
    print(filled[0].result())
    raised = [start()]  # E: "start" may raise "OSError"
    await asyncio.gather(*raised)
