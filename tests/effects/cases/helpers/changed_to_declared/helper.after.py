from cases.calls import read
from nimnet_effects import raises


@raises()
def helper() -> bytes:
    return read()  # E: "read" may raise "OSError"
