from collections.abc import Callable

from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def twice() -> None:
    def outer() -> None:
        def inner() -> None:
            look_up("a")

        inner()

    outer()  # E: "twice.outer" may raise "KeyError"


@raises()
def renamed() -> None:
    def inner() -> bytes:
        return read()

    other = inner
    other()  # E: may raise "OSError"


@raises(KeyError)
def uses_what_surrounds(name: str) -> str:
    def inner() -> str:
        return look_up(name)

    return inner()


class Holder:
    @raises()
    def method(self) -> Callable[[], bytes]:
        def inner() -> bytes:
            return self.go()

        return inner

    def go(self) -> bytes:
        return read()
