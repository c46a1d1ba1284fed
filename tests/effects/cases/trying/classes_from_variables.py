from cases.calls import look_up, read
from nimnet_effects import raises


@raises()
def parameter(kind: type[OSError]) -> None:
    try:
        # It may be given any subclass, so that nothing is known to be handled.
        read()  # E: "read" may raise "OSError"
    except kind:
        pass


@raises()
def local() -> None:
    kinds = (OSError, KeyError)
    try:
        read()
        look_up("a")
    except kinds:
        pass
