from cases.arguments.changed_overloads.library import get
from nimnet_effects import raises


@raises()
def caller() -> None:
    get(1)  # E before: "get" may raise "OSError"
    get("a")  # E after: "get" may raise "OSError"
