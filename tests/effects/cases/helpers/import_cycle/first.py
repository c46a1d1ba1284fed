from cases.calls import read
from cases.helpers.import_cycle import second
from nimnet_effects import raises


@raises()
def caller() -> str:
    return second.helper(1)  # E: "helper" may raise "KeyError"  # E: "helper" may raise "OSError" ... first:13 calls "read"


def helper(n: int) -> bytes:
    second.helper(n - 1)
    return read()


@raises(OSError, KeyError)
def declared() -> str:
    return second.helper(1)
