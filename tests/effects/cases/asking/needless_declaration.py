from cases.calls import look_up, quiet, read
from nimnet_effects import raises


@raises(OSError)
def nothing() -> int:  # N: declares "OSError"
    return quiet()


@raises(OSError, KeyError)
def half() -> str:  # N: declares "OSError"
    return look_up("a")


@raises(OSError)
def handled() -> int:  # N: declares "OSError"
    try:
        read()
    except OSError:
        return 0
    return 1
