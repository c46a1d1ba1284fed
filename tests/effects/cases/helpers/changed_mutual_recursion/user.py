from cases.helpers.changed_mutual_recursion import first, second
from nimnet_effects import raises


@raises(KeyError)
def by_the_first() -> bytes:
    return first.go(1)  # E before: "go" may raise "OSError"


@raises(KeyError)
def by_the_second() -> str:
    return second.go(1)  # E before: "go" may raise "OSError"
