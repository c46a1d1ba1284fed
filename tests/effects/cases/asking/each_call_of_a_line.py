from cases.calls import look_up, parse, read
from nimnet_effects import raises


@raises()
def nested() -> None:
    parse(look_up(str(read())))  # E: "parse" may raise "ValueError"  # E: "look_up" may raise "KeyError"  # E: "read" may raise "OSError"


@raises(OSError, KeyError)
def several_lines() -> None:
    parse(  # E: "parse" may raise "ValueError"
        look_up(
            str(read()),
        ),
    )
