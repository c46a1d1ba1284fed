from cases.calls import read
from nimnet_effects import raises


@raises(KeyError)
def replaces() -> None:
    # What the block raised is the context of what leaves, and leaves no more.
    try:
        read()
    finally:
        raise KeyError


@raises(KeyError)
def perhaps_replaces(flag: bool) -> None:
    try:
        read()  # E: "read" may raise "OSError"
    finally:
        if flag:
            raise KeyError
