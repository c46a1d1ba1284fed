from cases.helpers import reexported
from cases.helpers.reexported import helper, other
from nimnet_effects import raises


@raises()
def caller() -> None:
    helper()  # E: "helper" may raise "OSError"
    reexported.helper()  # E: "helper" may raise "OSError"
    other()  # E: "other" may raise "KeyError"


@raises(OSError, KeyError)
def declared() -> None:
    helper()
    reexported.other()
