from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def undeclared() -> None:
    while data := read():  # E: "read" may raise "OSError"
        print(data)
    if name := look_up("a"):  # E: "look_up" may raise "KeyError"
        print(name)


@raises(OSError)
def declared() -> None:
    while data := read():
        print(data)


@raises()
def in_a_comprehension(names: list[str]) -> list[str]:
    return [y for x in names if (y := look_up(x))]  # E: "look_up" may raise "KeyError"

