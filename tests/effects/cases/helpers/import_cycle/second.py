from cases.calls import look_up
from cases.helpers.import_cycle import first
from nimnet_effects import raises


def helper(n: int) -> str:
    if n:
        first.helper(n)
    return look_up("a")


@raises()
def caller() -> bytes:
    return first.helper(1)  # E: "helper" may raise "KeyError"  # E: "helper" may raise "OSError"


@raises()
def handles() -> None:
    try:
        first.helper(1)
    except (OSError, KeyError):
        pass
