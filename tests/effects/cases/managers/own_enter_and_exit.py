from types import TracebackType

from cases.calls import look_up, read
from nimnet_effects import raises


class Manager:
    def __enter__(self) -> "Manager":
        read()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        look_up("a")


class Declared:
    @raises(OSError)
    def __enter__(self) -> int:
        return len(read())

    @raises()
    def __exit__(self, *_: object) -> None:
        pass


@raises()
def undeclared() -> None:
    with Manager():  # E: "Manager.__enter__" may raise "OSError"  # E: "Manager.__exit__" may raise "KeyError"
        pass
    with Declared() as n:  # E: "Declared.__enter__" may raise "OSError"
        print(n)


@raises(OSError, KeyError)
def declared() -> None:
    with Manager() as manager:
        print(manager)


@raises()
def handled() -> None:
    try:
        with Manager():
            pass
    except (OSError, KeyError):
        pass


@raises()
def not_entered() -> None:
    Manager()
