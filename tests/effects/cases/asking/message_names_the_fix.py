from cases.calls import read
from nimnet_effects import raises


@raises()
def caller() -> bytes:
    return read()  # E: "read" may raise "OSError" ... declare it in @raises, or handle it
