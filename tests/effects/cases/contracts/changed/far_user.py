from cases.contracts.changed.helper import helper
from nimnet_effects import raises


@raises()
def through_a_helper() -> bytes:
    return helper()  # E before: "helper" may raise "OSError"  # E after: "helper" may raise "KeyError"
