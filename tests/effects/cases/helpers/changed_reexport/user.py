from cases.helpers import changed_reexport
from nimnet_effects import raises


@raises()
def caller() -> None:
    changed_reexport.go()  # E before: "go" may raise "OSError"  # E after: "go" may raise "KeyError"
