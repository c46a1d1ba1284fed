from cases.helpers.changed_method.child import Child
from nimnet_effects import raises


@raises()
def caller(child: Child) -> bytes:
    return child.go()  # E before: "Base.go" may raise "OSError"  # E after: "Child.go" may raise "KeyError"
