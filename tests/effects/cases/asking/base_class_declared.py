from cases.calls import look_up, read
from nimnet_effects import raises


@raises(Exception)
def anything() -> None:
    read()
    look_up("a")


@raises(LookupError)
def base() -> None:
    look_up("a")
    read()  # E: "read" may raise "OSError"


@raises(BaseException)
def even_more() -> None:
    read()
