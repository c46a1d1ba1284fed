from dataclasses import dataclass, replace

from cases.calls import look_up
from nimnet_effects import raises


@dataclass
class Plain:
    x: int = 1


@dataclass
class Checked:
    x: int

    def __post_init__(self) -> None:
        look_up("a")


@dataclass(slots=True)
class Child(Checked):
    pass


@raises()
def makes() -> None:
    Plain()
    Plain(x=2)
    Checked(1)  # E: "Checked.__post_init__" may raise "KeyError"
    Child(1)  # E: "Checked.__post_init__" may raise "KeyError"
    replace(Plain(), x=2)


@raises()
def replaces(checked: Checked) -> None:
    replace(checked, x=2)  # E: "Checked.__post_init__" may raise "KeyError"


@raises(KeyError)
def declared() -> Checked:
    return Checked(1)

