from cases.calls import read
from nimnet_effects import raises


@raises()
def outer() -> None:
    def even(n: int) -> bool:
        return odd(n - 1)

    def odd(n: int) -> bool:
        read()
        return even(n - 1)

    even(3)  # E: "even" may raise "OSError"


@raises(OSError)
def declared() -> None:
    def count(n: int) -> None:
        read()
        count(n - 1)

    count(1)
