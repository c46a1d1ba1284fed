from cases.contracts.stronger_than_declarations.library import fetch
from nimnet_effects import raises


@raises()
def undeclared() -> bytes:
    return fetch()  # E: "fetch" may raise "ConnectionError"


@raises(ConnectionError)
def declared() -> bytes:
    return fetch()
