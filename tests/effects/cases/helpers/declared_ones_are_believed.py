from cases.calls import quiet, read
from nimnet_effects import raises


@raises(OSError)
def nothing_yet() -> int:  # N: declares "OSError"
    return quiet()


@raises()
def wrong() -> bytes:
    return read()  # E: "read" may raise "OSError"


@raises()
def callers() -> None:
    nothing_yet()  # E: "nothing_yet" may raise "OSError"
    wrong()
