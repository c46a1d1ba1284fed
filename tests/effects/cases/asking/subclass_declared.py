from cases.calls import read
from nimnet_effects import raises


@raises(ConnectionError)
def narrower() -> None:
    raise ConnectionResetError


@raises(ConnectionResetError)
def too_narrow() -> None:
    read()  # E: "read" may raise "OSError"
    raise ConnectionResetError
