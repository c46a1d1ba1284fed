from cases.calls import look_up, parse, read
from nimnet_effects import raises


@raises()
def outer_handles() -> None:
    try:
        try:
            read()
            look_up("a")
        except KeyError:
            pass
    except OSError:
        pass


@raises()
def handler_is_inside_of_the_outer() -> None:
    try:
        try:
            read()
        except OSError:
            look_up("a")
            parse("b")  # E: "parse" may raise "ValueError"
    except KeyError:
        pass


@raises()
def neither() -> None:
    try:
        try:
            read()  # E: "read" may raise "OSError"
        except KeyError:
            pass
    except ValueError:
        pass
