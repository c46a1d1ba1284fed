from cases.calls import look_up, read
from nimnet_effects import raises


go = read


@raises()
def callers(flag: bool) -> None:
    go()  # E: "read" may raise "OSError"
    chosen = read
    chosen()  # E: "read" may raise "OSError"
    (read if flag else look_up)  # neither is called


@raises(OSError)
def declared() -> None:
    go()
    chosen = read
    chosen()
