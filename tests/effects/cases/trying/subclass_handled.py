from cases.calls import read
from nimnet_effects import raises


@raises()
def a_part() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    except FileNotFoundError:
        pass


@raises()
def the_part_then_all() -> None:
    try:
        read()
    except FileNotFoundError:
        pass
    except OSError:
        pass
