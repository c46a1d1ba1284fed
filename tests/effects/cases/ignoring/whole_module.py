# mypy: ignore-errors
from cases.calls import read
from nimnet_effects import raises


@raises()
def undeclared() -> bytes:
    return read()
