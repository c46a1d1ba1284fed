from cases.calls import look_up, read
from nimnet_effects import raises


@raises(OSError)
def cleans_up() -> None:
    try:
        read()
    finally:
        look_up("a")  # E: "look_up" may raise "KeyError"


@raises()
def does_not_handle() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    finally:
        print("done")


@raises()
def handles_in_it() -> None:
    try:
        print("go")
    finally:
        try:
            read()
        except OSError:
            pass


@raises()
def handles_before() -> None:
    try:
        read()
    except OSError:
        pass
    finally:
        print("done")
