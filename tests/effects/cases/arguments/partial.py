import functools
from collections.abc import Callable
from functools import partial

from cases.calls import look_up, read
from nimnet_effects import raises


@raises(OSError, timeout=ValueError)
def fetch(host: str, timeout: int = -1) -> bytes:
    raise OSError if timeout == -1 else ValueError


@raises()
def called() -> None:
    partial(read, 1)()  # E: "read" may raise "OSError"
    later = functools.partial(look_up, "a")
    later()  # E: "look_up" may raise "KeyError"


@raises()
def only_made() -> None:
    partial(read, 1)
    functools.partial(look_up, "a")


@raises(OSError)
def with_a_timeout() -> None:
    partial(fetch, "a")()
    partial(fetch, timeout=2)("a")  # E: "fetch" may raise "ValueError"
    partial(fetch, "a")(timeout=2)  # E: "fetch" may raise "ValueError"


@raises(OSError)
def declared() -> bytes:
    return partial(read, 1)()


@raises()
def of_a_partial(name: str) -> None:
    partial(partial(fetch, name), timeout=2)()  # E: "fetch" may raise "OSError" and "ValueError"
    first = partial(fetch, name)
    partial(first)()  # E: "fetch" may raise "OSError": declare
    later = partial(first, timeout=2)
    later()  # E: "fetch" may raise "OSError" and "ValueError"
    # To give arguments calls nothing of what gets them.
    partial(partial(fetch, look_up("a")))  # E: "look_up" may raise "KeyError"
    partial(made(), 1)  # E: "made" may raise "EOFError"


@raises(EOFError)
def made() -> Callable[[int], bytes]:
    raise EOFError


class Kept:
    def __init__(self) -> None:
        self.fetch = partial(fetch, "a")

    # What an attribute has is not looked for, so that nothing is said of it.
    @raises(OSError, KeyError)
    def call(self) -> bytes:
        return self.fetch()


@raises(OSError)
def given(later: partial[bytes]) -> bytes:
    return later()


@raises(OSError)
def handed_on(later: partial[bytes], names: list[str]) -> list[bytes]:
    return list(iter(later, b""))


@raises(OSError)
def iterated(results: map[bytes]) -> None:
    for _ in results:
        pass


@raises()
def one_of_two(flag: bool) -> None:
    if flag:
        later = partial(fetch, "a")
    else:
        later = partial(fetch, "a", timeout=2)
    later()  # E: "fetch" may raise "OSError" ... "ValueError"


@raises(OSError)
def one_of_two_or_a_function(flag: int) -> None:
    later: Callable[[], object] = partial(look_up, "a")
    if flag > 1:
        later = partial(fetch, "a")
    if flag > 2:
        later = parse_one
    later()  # E: "look_up" may raise "KeyError"  # E: "parse_one" may raise "ValueError"


@raises(ValueError)
def parse_one() -> int:
    raise ValueError
