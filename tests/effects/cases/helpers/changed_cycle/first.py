from cases.helpers.changed_cycle import second
from nimnet_effects import raises


@raises()
def caller() -> str:
    return second.helper()  # E before: "helper" may raise "KeyError"  # E after: "helper" may raise "ValueError"


def name() -> str:
    return "a"
