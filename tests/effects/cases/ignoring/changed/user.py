from cases.ignoring.changed.helper import helper
from nimnet_effects import raises


@raises()
def caller() -> bytes:
    return helper()  # type: ignore[raises]  # E after: Unused "type: ignore
