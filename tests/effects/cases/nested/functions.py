from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def called() -> None:
    def inner() -> bytes:
        return read()

    inner()  # E: "called.inner" may raise "OSError"


@raises()
def not_called() -> None:
    def inner() -> bytes:
        return read()

    print(inner)


@raises(OSError)
def called_and_declared() -> bytes:
    def inner() -> bytes:
        return read()

    return inner()


@raises()
def handled_around_the_call() -> None:
    def inner() -> bytes:
        return read()

    try:
        inner()
    except OSError:
        pass


@raises()
def handled_around_the_definition() -> None:
    try:

        def inner() -> bytes:
            return read()

    except OSError:
        return
    inner()  # E: "handled_around_the_definition.inner" may raise "OSError"


@raises()
def declared_inside() -> None:
    @raises(KeyError)
    def inner() -> None:
        look_up("a")
        read()  # E: "read" may raise "OSError"

    inner()  # E: "declared_inside.inner" may raise "KeyError"
