from dataclasses import dataclass, field

from cases.calls import parse
from cases.methods.default_factories.library import Derived, Kept, Made, Plain
from nimnet_effects import raises


@dataclass
class Own:
    number: int = field(default_factory=lambda: parse("1"))
    numbers: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        print(self.number)


@raises()
def left_out(values: tuple[str, ...]) -> None:
    Made("a")  # E: "Made" may raise "OSError"
    Made("a", size=2)  # E: "Made" may raise "OSError"
    Kept()  # E: "Kept" may raise "OSError"
    Derived("a")  # E: "Derived" may raise "KeyError"  # E: "Derived" may raise "OSError"
    Derived("a", b"")  # E: "Derived" may raise "KeyError"
    Plain("a")  # E: "Plain" may raise "OSError"
    Own()  # E: "Own" may raise "ValueError"


@raises()
def given(data: bytes) -> None:
    Made("a", b"")
    Made("a", data=data)
    Derived("a", text="a", data=b"")
    Plain("a", b"")
    Own(1)
    Own(number=2, numbers=[])


@raises(OSError)
def declared() -> Made:
    return Made("a")


@raises()
def handled() -> Made:
    try:
        return Made("a")
    except OSError:
        return Made("a", b"")
