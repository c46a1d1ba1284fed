from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def bare() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    except OSError:
        print("failed")
        raise


@raises(OSError)
def bare_and_declared() -> None:
    try:
        read()
    except OSError:
        raise


@raises(OSError)
def only_what_was_caught() -> None:
    try:
        read()
        look_up("a")
    except KeyError:
        pass
    except Exception:
        raise


@raises(OSError, KeyError)
def of_everything() -> None:
    try:
        read()
        look_up("a")
    except:
        print("failed")
        raise


@raises()
def sometimes(flag: bool) -> None:
    try:
        read()  # E: "read" may raise "OSError"
    except OSError:
        if flag:
            raise
