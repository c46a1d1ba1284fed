from cases.calls import look_up, read
from nimnet_effects import raises


def first(n: int) -> None:
    read()
    try:
        second(n)
    except KeyError:
        pass


def second(n: int) -> None:
    look_up("a")
    try:
        first(n - 1)
    except OSError:
        pass


@raises()
def callers() -> None:
    first(1)  # E: "first" may raise "OSError"
    second(1)  # E: "second" may raise "KeyError"


@raises(OSError)
def declares() -> None:
    first(1)


@raises()
def itself(n: int) -> int:
    return itself(n - 1)
