from cases.helpers.changed_to_declared.helper import helper
from nimnet_effects import raises


@raises()
def caller() -> bytes:
    return helper()  # E before: "helper" may raise "OSError"
