import cases.helpers.changed_reexport_chain.second
from cases.helpers.changed_reexport_chain import second as other
from nimnet_effects import raises

alias = other.go


class Caller:
    @raises()
    def method(self) -> None:
        other.go()  # E before: "go" may raise "OSError"  # E after: "go" may raise "KeyError"


@raises()
def by_full_name() -> None:
    cases.helpers.changed_reexport_chain.second.go()  # E before: raise "OSError"  # E after: raise "KeyError"


@raises()
def of_a_class() -> None:
    other.Kind().work()  # E before: raise "OSError"  # E after: raise "KeyError"


@raises()
def under_another_name() -> None:
    alias()  # E before: raise "OSError"  # E after: raise "KeyError"


@raises(OSError, KeyError)
def declared() -> None:  # N before: declares "KeyError"  # N after: declares "OSError"
    other.go()
