import sys

from cases.calls import look_up, read
from nimnet_effects import raises

if sys.platform != "win32":

    def chosen() -> bytes:
        return read()

else:

    def chosen() -> bytes:
        return look_up("a").encode()


@raises()
def callers() -> None:
    chosen()  # E: "chosen" may raise "OSError"


@raises(OSError)
def declared() -> bytes:
    return chosen()
