from cases.helpers.changed_declaration.library import go, stay
from nimnet_effects import raises


@raises(OSError)
def going() -> None:
    go()  # E after: "go" may raise "KeyError"


@raises()
def staying() -> None:
    stay()  # E after: "stay" may raise "ValueError"
