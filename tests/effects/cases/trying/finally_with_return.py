from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def swallows() -> int:
    try:
        read()
    finally:
        return 1


@raises()
def swallows_what_handlers_raise() -> int:
    try:
        read()
    except OSError:
        look_up("a")
        raise
    finally:
        return 1


@raises()
def only_sometimes(flag: bool) -> int:
    try:
        read()  # E: "read" may raise "OSError"
    finally:
        if flag:
            return 1
    return 2


@raises()
def of_a_function_inside() -> None:
    try:
        read()  # E: "read" may raise "OSError"
    finally:

        def inner() -> int:
            return 1

        inner()
