from cases.calls import look_up, parse, read
from nimnet_effects import raises

ERRORS = (OSError, KeyError)
MORE = (*ERRORS, ValueError)
SUM = ERRORS + (ValueError,)


@raises()
def literal() -> None:
    try:
        read()
        look_up("a")
        parse("b")  # E: "parse" may raise "ValueError"
    except (OSError, KeyError):
        pass


@raises()
def named() -> None:
    try:
        read()
        look_up("a")
        parse("b")  # E: "parse" may raise "ValueError"
    except ERRORS:
        pass


@raises()
def unpacked() -> None:
    try:
        read()
        parse("b")
    except MORE:
        pass


@raises()
def added() -> None:
    try:
        read()
        parse("b")
    except SUM:
        pass
