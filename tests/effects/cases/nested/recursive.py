from cases.calls import read
from nimnet_effects import raises


@raises()
def outer() -> None:
    def even(n: int) -> bool:
        return odd(n - 1)

    def odd(n: int) -> bool:
        read()
        return even(n - 1)

    even(3)  # E: "outer.even" may raise "OSError" (cases.nested.recursive:8 calls "outer.odd"


@raises(OSError)
def declared() -> None:
    def count(n: int) -> None:
        read()
        count(n - 1)

    count(1)
