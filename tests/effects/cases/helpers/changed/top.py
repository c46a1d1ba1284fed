from cases.helpers.changed import middle
from nimnet_effects import raises


@raises()
def going() -> bytes:
    return middle.go()  # E before: "go" may raise "OSError"


@raises()
def staying() -> int:
    return middle.stay()  # E after: "stay" may raise "KeyError"


@raises(OSError)
def declared() -> bytes:  # N after: declares "OSError"
    return middle.go()
