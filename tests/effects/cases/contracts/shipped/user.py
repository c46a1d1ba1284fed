from cases.contracts import shipped
from nimnet_effects import raises


@raises()
def undeclared() -> bytes:
    return shipped.fetch()  # E: "fetch" may raise "OSError"


@raises(OSError)
def declared() -> bytes:
    return shipped.fetch()
