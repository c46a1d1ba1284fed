"""Parameters that calls cannot name, of which mypy's cache forgets the names."""

from nimnet import Port
from nimnet_effects import raises


@raises(timeout=TimeoutError)
def wait(timeout: int = -1, /) -> None:
    if timeout != -1:
        raise TimeoutError


def patient(size: int, timeout: int = -1, /) -> None:
    wait(timeout)


def numbered(size: int, number: int, /) -> Port:
    return Port(number)


class Table:
    def __getitem__(self, number: int) -> Port:
        return Port(number)

    @raises(value=KeyError)
    def __setitem__(self, key: str, value: int) -> None:
        raise KeyError


@raises()
def user(table: Table, any_: int) -> None:
    wait()
    wait(-1)
    wait(5)  # E: "wait" may raise "TimeoutError"
    wait(any_)  # E: "wait" may raise "TimeoutError"
    patient(5)
    patient(5, -1)
    patient(-1, 5)  # E: "patient" may raise "TimeoutError"
    numbered(-1, 5)
    numbered(5, -1)  # E: "numbered" may raise "ValueError"
    table[5]
    table[any_]  # E: "Table.__getitem__" may raise "ValueError"
    table["a"] = 5  # E: "Table.__setitem__" may raise "KeyError"


@raises(timeout=TimeoutError)
def declared(timeout: int = -1, /) -> None:
    wait(timeout)


@raises(timeout=TimeoutError)
def declared_and_changed(timeout: int = -1, /) -> None:
    timeout += 1
    wait(timeout)
