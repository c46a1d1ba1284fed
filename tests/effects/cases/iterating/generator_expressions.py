from cases.calls import look_up
from nimnet_effects import raises


@raises()
def consumed(names: list[str]) -> None:
    any(look_up(x) for x in names)  # E: "look_up" may raise "KeyError"
    list(look_up(x) for x in names)  # E: "look_up" may raise "KeyError"
    "".join(look_up(x) for x in names)  # E: "look_up" may raise "KeyError"


@raises(KeyError)
def declared(names: list[str]) -> str:
    return max(look_up(x) for x in names)


@raises()
def handled(names: list[str]) -> None:
    try:
        list(look_up(x) for x in names)
    except KeyError:
        pass
