from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Point:
    __match_args__ = ("x",)

    @property
    def x(self) -> int:
        return parse("1")


@raises()
def subject() -> None:
    match read():  # E: "read" may raise "OSError"
        case b"":
            pass


@raises()
def bodies_and_guards(name: str) -> None:
    match name:
        case "a":
            read()  # E: "read" may raise "OSError"
        case "b" if look_up("c"):  # E: "look_up" may raise "KeyError"
            pass
        case _:
            pass


@raises()
def patterns(value: object) -> None:
    match value:
        case Point(x=1):  # E: "Point.x" may raise "ValueError"
            pass
        case Point(2):  # E: "Point.x" may raise "ValueError"
            pass
        case Point():
            pass


@raises(OSError)
def declared(name: str) -> None:
    match name:
        case "a" | "b":
            read()


@raises()
def handled(name: str) -> None:
    match name:
        case "a":
            try:
                read()
            except OSError:
                pass
