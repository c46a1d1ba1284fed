from cases.calls import read
from cases.methods.changed_base.base import Base
from nimnet_effects import raises


class Child(Base):
    def go(self) -> None:  # E after: "Child.go" may raise "OSError", which "Base.go" does not declare
        read()


@raises(OSError)
def beside(child: Child) -> None:
    child.go()
