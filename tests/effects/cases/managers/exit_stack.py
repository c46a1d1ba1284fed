from collections.abc import Iterator
from contextlib import AsyncExitStack, ExitStack, closing, contextmanager, suppress

from cases.calls import look_up, parse, quiet, read
from nimnet import Socket, fail_after
from nimnet_effects import raises


class Closes:
    def __enter__(self) -> "Closes":
        look_up("a")
        return self

    def __exit__(self, *_: object) -> None:
        read()

    def close(self) -> None:
        read()


class Swallows:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> bool:
        return kind is not None and issubclass(kind, OSError)


@contextmanager
def handling() -> Iterator[None]:
    look_up("a")
    try:
        yield
    except OSError:
        pass


@raises()
def suppressing() -> None:
    with ExitStack() as stack:
        read()  # E: "read" may raise "OSError"
        stack.enter_context(suppress(OSError))
        read()
        look_up("a")  # E: "look_up" may raise "KeyError"
        stack.enter_context(suppress(KeyError))
        look_up("a")
        read()
        parse("a")  # E: "parse" may raise "ValueError"
    read()  # E: "read" may raise "OSError"


@raises()
def entering() -> None:
    with ExitStack() as stack:
        entered = stack.enter_context(Closes())  # E: "Closes.__enter__" may raise "KeyError"  # E: "Closes.__exit__" may raise "OSError"
        quiet()
        print(entered)


@raises(KeyError)
def entered_inside_of_what_swallows() -> None:
    with ExitStack() as stack:
        stack.enter_context(Swallows())
        stack.enter_context(Closes())
        read()
    with ExitStack() as stack:
        stack.enter_context(Closes())  # E: "Closes.__exit__" may raise "OSError"
        stack.enter_context(Swallows())
        read()


@raises()
def generators() -> None:
    with ExitStack() as stack:
        stack.enter_context(handling())  # E: "handling" may raise "KeyError"
        read()
        parse("a")  # E: "parse" may raise "ValueError"


@raises()
def closed() -> None:
    with ExitStack() as stack:
        stack.enter_context(closing(Closes()))  # E: "Closes.close" may raise "OSError"
        stack.push(suppress(KeyError))
        look_up("a")


@raises()
def callbacks() -> None:
    with ExitStack() as stack:
        stack.callback(read)  # E: "read" may raise "OSError"
        stack.callback(look_up, "a")  # E: "look_up" may raise "KeyError"
        stack.callback(lambda: parse("a"))  # E: "lambda" may raise "ValueError"
        stack.callback(quiet)
    with ExitStack() as stack:
        stack.enter_context(suppress(OSError))
        stack.callback(read)


def leave(kind: object, error: object, trace: object) -> bool:
    read()
    return False


@raises()
def pushed() -> None:
    with ExitStack() as stack:
        stack.push(leave)  # E: "leave" may raise "OSError"
    with ExitStack() as stack:
        stack.push(Closes())  # E: "Closes.__exit__" may raise "OSError"


@raises()
def deeper(flag: bool, names: list[str]) -> None:
    with ExitStack() as stack:
        if flag:
            stack.enter_context(suppress(OSError))
        read()  # E: "read" may raise "OSError"
        for _ in names:
            try:
                stack.enter_context(Closes())  # E: "Closes.__exit__" may raise "OSError"
            except (KeyError, OSError):
                pass


@raises(OSError)
def after_a_handler() -> None:
    try:
        with ExitStack() as stack:
            try:
                stack.callback(look_up, "a")
            except KeyError:
                pass
    except KeyError:
        pass


@raises(OSError)
def among_others(socket: Socket) -> None:
    # The stack is left before the one around it, and after the one inside of it.
    with suppress(KeyError), ExitStack() as stack:
        stack.callback(look_up, "a")
    with ExitStack() as stack, suppress(KeyError):
        stack.callback(look_up, "a")  # E: "look_up" may raise "KeyError"


@raises(OSError)
def with_a_deadline(socket: Socket) -> None:
    with ExitStack() as stack:
        socket.get_local_addr()
        socket.recv_from(1)
        stack.enter_context(fail_after(500))
        socket.recv_from(1)  # E: "Socket.recv_from" may raise "TimeoutError"


@raises()
def two_stacks() -> None:
    with ExitStack() as outer, ExitStack() as inner:
        inner.enter_context(suppress(OSError))
        outer.callback(read)  # E: "read" may raise "OSError"
        read()
    with ExitStack() as stack:
        stack.enter_context(suppress(OSError))
        read()
        with ExitStack() as stack:
            stack.enter_context(suppress(KeyError))
            look_up("a")
        look_up("a")  # E: "look_up" may raise "KeyError"


@raises(KeyError)
def returned() -> Closes:
    with ExitStack() as stack:
        return stack.enter_context(Closes())  # E: "Closes.__exit__" may raise "OSError"


class Own(ExitStack):
    pass


@raises()
def of_a_derived_class() -> None:
    with Own() as stack:
        stack.enter_context(suppress(OSError))
        read()


@raises()
def in_a_variable() -> None:
    stack = ExitStack()
    stack.enter_context(Closes())  # E: "Closes.__enter__" may raise "KeyError"


class AsyncCloses:
    async def __aenter__(self) -> None:
        look_up("a")

    async def __aexit__(self, *_: object) -> None:
        read()


async def cleaned() -> None:
    parse("a")


@raises()
async def asynchronous() -> None:
    async with AsyncExitStack() as stack:
        stack.enter_context(suppress(OSError))
        read()
        await stack.enter_async_context(AsyncCloses())  # E: "AsyncCloses.__aenter__" may raise "KeyError"
        stack.push_async_callback(cleaned)  # E: "cleaned" may raise "ValueError"
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(AsyncCloses())  # E: "AsyncCloses.__aenter__" may raise "KeyError"  # E: "AsyncCloses.__aexit__" may raise "OSError"
        stack.push_async_exit(AsyncCloses())  # E: "AsyncCloses.__aexit__" may raise "OSError"
