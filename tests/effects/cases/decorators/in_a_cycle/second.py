from cases.calls import read
from cases.decorators.in_a_cycle import first
from nimnet_effects import raises


@first.quietly
def fetch() -> bytes:
    return read()


@raises(ValueError)
@first.quietly
def declared() -> bytes:
    return read()


@first.quietly
@raises(OSError)
def declared_below() -> bytes:
    return read()


@raises()
def caller() -> None:
    fetch()  # E: "fetch" may raise "ValueError"
    declared()  # E: "declared" may raise "ValueError"
    declared_below()  # E: "declared_below" may raise "ValueError"
    first.caller()
