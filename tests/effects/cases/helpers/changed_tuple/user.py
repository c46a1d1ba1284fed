from cases.calls import read
from cases.helpers.changed_tuple.errors import ERRORS
from nimnet_effects import raises


@raises()
def caller() -> None:
    try:
        read()  # E after: "read" may raise "OSError"
    except ERRORS:
        pass
