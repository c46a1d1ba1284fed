from cases.calls import look_up, read
from nimnet_effects import raises


class Lines:
    def __aiter__(self) -> "Lines":
        return self

    async def __anext__(self) -> bytes:
        data = read()
        if not data:
            raise StopAsyncIteration
        return data


@raises()
async def loops(lines: Lines) -> None:
    async for line in lines:  # E: "Lines.__anext__" may raise "OSError"
        print(line)
    print([x async for x in lines])  # E: "Lines.__anext__" may raise "OSError"


@raises(OSError)
async def declared(lines: Lines) -> None:
    async for line in lines:
        print(line)


@raises()
async def body(lines: Lines) -> None:
    try:
        async for _ in lines:
            look_up("a")  # E: "look_up" may raise "KeyError"
    except OSError:
        pass
