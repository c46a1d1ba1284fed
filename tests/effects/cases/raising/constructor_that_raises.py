from cases.calls import look_up
from nimnet_effects import raises


class NamedError(Exception):
    def __init__(self, name: str) -> None:
        super().__init__(look_up(name))


@raises(NamedError)
def undeclared() -> None:
    raise NamedError("a")  # E: "NamedError.__init__" may raise "KeyError"


@raises(NamedError, KeyError)
def declared() -> None:
    raise NamedError("a")
