from cases.calls import read
from nimnet_effects import raises


@raises()
def handled() -> bytes:
    try:
        return read()
    except OSError:
        return b""


@raises()
def handled_elsewhere() -> bytes:
    try:
        return b"?"
    except OSError:
        return read()  # E: "read" may raise "OSError"
