import nimnet_effects
from cases.calls import look_up
from nimnet_effects import raises


def made(text: str) -> ValueError:
    return ValueError(text)


@raises(KeyError)
def made_after_looking_up(name: str) -> ValueError:
    return ValueError(look_up(name))


@raises(ValueError)
def declared() -> None:
    raise made("a")


@raises()
def undeclared() -> None:
    raise made("a")  # E: "ValueError"


@raises(ValueError)
def its_own_exceptions() -> None:
    raise made_after_looking_up("a")  # E: "made_after_looking_up" may raise "KeyError"


@nimnet_effects.raises()
def only_made() -> ValueError:
    return made("a")
