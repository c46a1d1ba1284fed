from cases.calls import look_up, read
from nimnet_effects import raises


@raises(OSError, KeyError)
def both() -> None:
    read()
    look_up("a")


@raises()
def neither() -> None:
    both()  # E: "both" may raise "KeyError" and "OSError"


@raises(OSError)
def one() -> None:
    both()  # E: "both" may raise "KeyError"


@raises(Exception)
def all_of_them() -> None:
    both()
