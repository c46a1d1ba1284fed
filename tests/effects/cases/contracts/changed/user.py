from cases.contracts.changed.library import fetch, other
from nimnet_effects import raises


@raises()
def direct() -> bytes:
    return fetch()  # E before: "fetch" may raise "OSError"  # E after: "fetch" may raise "KeyError"


@raises(OSError)
def declared() -> None:  # N after: declares "OSError"
    other()
