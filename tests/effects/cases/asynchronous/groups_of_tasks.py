import asyncio
from asyncio import TaskGroup
from contextlib import suppress

from cases.calls import look_up, read
from nimnet_effects import raises


async def fetch() -> bytes:
    return read()


async def found(name: str) -> str:
    return look_up(name)


def begin(group: TaskGroup) -> None:
    group.create_task(fetch())


@raises()
async def not_handled(names: list[str]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(fetch())  # E: "fetch" may raise "ExceptionGroup[OSError]"
    async with TaskGroup() as group:
        tasks = [group.create_task(found(name)) for name in names]  # E: "found" may raise "ExceptionGroup[KeyError]"
    print([task.result() for task in tasks])
    async with TaskGroup() as group:
        begin(group)  # E: "begin" may raise "ExceptionGroup[OSError]"
    group = TaskGroup()
    async with group:
        task = group.create_task(fetch())  # E: "fetch" may raise "ExceptionGroup[OSError]"
    print(task.result())


@raises()
async def what_the_block_raises_is_in_the_group() -> None:
    try:
        async with TaskGroup():
            read()  # E: "read" may raise "ExceptionGroup[OSError]"
    except OSError:
        pass


@raises()
async def no_group_is_handled_by_its_contents() -> None:
    try:
        async with TaskGroup() as group:
            group.create_task(fetch())  # E: "fetch" may raise "ExceptionGroup[OSError]"
    except OSError:
        pass


@raises()
async def tasks_raise_at_the_end_of_the_block() -> None:
    async with TaskGroup() as group:
        try:
            group.create_task(fetch())  # E: "fetch" may raise "ExceptionGroup[OSError]"
        except* OSError:
            pass


@raises()
async def handled(names: list[str]) -> None:
    try:
        async with TaskGroup() as group:
            group.create_task(fetch())
            for name in names:
                group.create_task(found(name))
            read()
    except* (OSError, KeyError):
        pass
    try:
        async with TaskGroup() as outer, TaskGroup() as inner:
            outer.create_task(fetch())
            inner.create_task(fetch())
    except* OSError:
        pass
    try:
        async with TaskGroup() as group:
            begin(group)
    except ExceptionGroup:
        pass


@raises()
async def handled_in_the_block() -> None:
    async with TaskGroup() as group:
        print(group)
        with suppress(OSError):
            read()


@raises(ExceptionGroup)
async def declared() -> None:
    async with TaskGroup() as group:
        task = group.create_task(fetch())
        await task


@raises()
async def partly_handled() -> None:
    try:
        async with TaskGroup() as group:
            group.create_task(fetch())
            group.create_task(found("a"))  # E: "found" may raise "ExceptionGroup[KeyError]"
    except* OSError:
        pass
