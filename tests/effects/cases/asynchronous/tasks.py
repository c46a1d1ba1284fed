import asyncio
from collections.abc import Coroutine
from typing import Any

from cases.calls import look_up, quiet, read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


async def found(name: str) -> str:
    return look_up(name)


def start() -> asyncio.Task[bytes]:
    return asyncio.create_task(fetch())


def start_and_tell() -> asyncio.Task[bytes]:
    task = asyncio.create_task(coro=fetch(), name="fetch")
    task.add_done_callback(print)
    return task


async def start_later() -> asyncio.Task[bytes]:
    return asyncio.create_task(fetch())


class Worker:
    def __init__(self) -> None:
        self.task: asyncio.Task[bytes] | None = None

    @property
    def running(self) -> asyncio.Task[bytes]:
        return asyncio.create_task(fetch())

    def begin(self) -> None:
        self.task = asyncio.create_task(fetch())

    @raises()
    async def end(self) -> None:
        if self.task is not None:
            await self.task  # E: "fetch" may raise "OSError"


@raises()
async def awaited_where_made() -> None:
    await asyncio.create_task(fetch())  # E: "fetch" may raise "OSError"
    await asyncio.ensure_future(fetch())  # E: "fetch" may raise "OSError"
    await asyncio.get_running_loop().create_task(fetch())  # E: "fetch" may raise "OSError"
    await asyncio.create_task(name=str(quiet()), coro=fetch())  # E: "fetch" may raise "OSError"


@raises(KeyError)
async def handled_where_made() -> None:
    try:
        await asyncio.create_task(fetch())
    except OSError:
        pass
    await asyncio.create_task(found("a"))


@raises()
async def handed_over() -> None:
    await asyncio.gather(asyncio.create_task(fetch()))  # E: "fetch" may raise "OSError"
    await asyncio.wait_for(asyncio.create_task(fetch()), 1)  # E: "fetch" may raise "OSError"
    await asyncio.gather(start(), asyncio.create_task(found("a")))  # E: "start" may raise "OSError"  # E: "found" may raise "KeyError"
    task = asyncio.create_task(fetch())
    await asyncio.shield(task)  # E: "fetch" may raise "OSError"


@raises()
async def from_helpers(worker: Worker) -> None:
    await start()  # E: "start" may raise "OSError"
    task = start_and_tell()
    await task  # E: "start_and_tell" may raise "OSError"
    await (await start_later())  # E: "start_later" may raise "OSError"
    await worker.running  # E: "Worker.running" may raise "OSError"
    start().result()  # E: "start" may raise "OSError"


@raises()
async def only_started() -> None:
    start()
    task = await start_later()
    task.cancel()
    asyncio.create_task(fetch())
    asyncio.create_task(fetch() if quiet() else fetch())


@raises()
async def two_at_once() -> None:
    one, other = asyncio.create_task(fetch()), asyncio.create_task(found("a"))
    await one  # E: "fetch" may raise "OSError"
    other.cancel()
    other, [one, third] = other, (one, start())
    await other  # E: "found" may raise "KeyError"
    await third  # E: "start" may raise "OSError"


@raises()
async def named_within_an_expression() -> None:
    print((task := asyncio.create_task(fetch())).done())
    await task  # E: "fetch" may raise "OSError"
    await (other := start())  # E: "start" may raise "OSError"
    if (third := found("a")) is not None:
        await third  # E: "found" may raise "KeyError"
    other.cancel()


@raises()
async def chosen(flag: bool) -> None:
    task = asyncio.create_task(fetch()) if flag else asyncio.create_task(found("a"))
    await task  # E: "fetch" may raise "OSError"  # E: "found" may raise "KeyError"
    other = asyncio.create_task(fetch() if flag else fetch())
    await other  # E: "fetch" may raise "OSError"


@raises()
async def in_containers(names: list[str]) -> None:
    tasks = [asyncio.create_task(found(name)) for name in names]  # E: "found" may raise "KeyError"
    for task in tasks:
        await task
    by_name = {name: start() for name in names}  # E: "start" may raise "OSError"
    print(by_name)
    tasks.append(asyncio.create_task(found("a")))  # E: "found" may raise "KeyError"
    one = asyncio.create_task(fetch())
    print([one])  # E: "fetch" may raise "OSError"
    print({"one": one})  # E: "fetch" may raise "OSError"
    print((start(),))  # E: "start" may raise "OSError"
    await asyncio.gather(*(start() for _ in names))  # E: "start" may raise "OSError"


@raises(OSError)
async def given(made: Coroutine[Any, Any, bytes]) -> None:
    task = asyncio.create_task(made)
    await task
    await given(fetch())
