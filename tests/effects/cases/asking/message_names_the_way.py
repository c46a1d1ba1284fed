from cases.calls import read
from nimnet_effects import raises


def outer() -> bytes:
    return inner()


def inner() -> bytes:
    return read()


@raises()
def caller() -> bytes:
    return outer()  # E: "outer" may raise "OSError" ... :6 calls "inner" ... :10 calls "read"
