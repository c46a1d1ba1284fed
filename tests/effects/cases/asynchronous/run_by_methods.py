import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Iterator
from contextlib import aclosing
from typing import Any

from cases.calls import look_up, read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


async def lines() -> AsyncGenerator[bytes, None]:
    try:
        yield read()
    finally:
        look_up("a")


def returned() -> Coroutine[Any, Any, bytes]:
    return fetch()


def numbers() -> Iterator[bytes]:
    yield read()


async def makes_a_generator() -> Iterator[bytes]:
    return numbers()


@raises()
async def generators() -> None:
    made = lines()
    await made.__anext__()  # E: "lines" may raise "OSError"  # E: "lines" may raise "KeyError"
    await made.asend(None)  # E: "lines" may raise "OSError"  # E: "lines" may raise "KeyError"
    await anext(made)  # E: "lines" may raise "OSError"  # E: "lines" may raise "KeyError"
    await made.aclose()  # E: "lines" may raise "KeyError"


@raises()
async def closed_by_a_manager() -> None:
    async with aclosing(lines()) as made:  # E: "lines" may raise "KeyError"
        print(made)


@raises()
async def coroutines() -> None:
    await returned()  # E: "returned" may raise "OSError"
    made = returned()
    await made  # E: "returned" may raise "OSError"
    unused = returned()
    print(unused)
    for x in await makes_a_generator():  # E: "makes_a_generator" may raise "OSError"
        print(x)
    await makes_a_generator()


@raises()
async def tasks() -> None:
    task = asyncio.create_task(fetch())
    print(task.done())
    await task  # E: "fetch" may raise "OSError"
    other = asyncio.create_task(fetch())
    other.result()  # E: "fetch" may raise "OSError"
    kept = fetch()
    started = asyncio.create_task(kept)
    print(started)


@raises()
async def handled() -> None:
    task = asyncio.create_task(fetch())
    try:
        await task
    except OSError:
        pass


@raises()
def only_returned() -> Coroutine[Any, Any, bytes]:
    return fetch()


@raises()
def closed_without_having_run() -> None:
    made = fetch()
    made.close()


@raises(OSError, KeyError)
async def declared(made: AsyncIterator[bytes]) -> None:
    other = lines()
    await other.__anext__()
