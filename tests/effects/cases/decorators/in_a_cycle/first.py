from collections.abc import Callable

from cases.decorators.in_a_cycle import second
from nimnet_effects import raises


def quietly(function: Callable[[], bytes]) -> Callable[[], bytes]:
    def wrapper() -> bytes:
        try:
            return function()
        except OSError:
            raise ValueError from None

    return wrapper


@raises()
def caller() -> None:
    second.fetch()  # E: "fetch" may raise "ValueError"
    second.declared()  # E: "declared" may raise "ValueError"
    second.declared_below()  # E: "declared_below" may raise "ValueError"
