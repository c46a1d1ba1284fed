from cases.calls import read
from nimnet_effects import raises


class Base:
    @raises(OSError)
    def declared(self) -> bytes:
        return read()

    def inferred(self) -> bytes:
        return read()


class Child(Base):
    pass


class GrandChild(Child):
    @raises()
    def own(self) -> None:
        self.declared()  # E: "Base.declared" may raise "OSError"
        self.inferred()  # E: "Base.inferred" may raise "OSError"


@raises()
def callers(child: Child, other: GrandChild) -> None:
    child.declared()  # E: "Base.declared" may raise "OSError"
    other.inferred()  # E: "Base.inferred" may raise "OSError"


@raises(OSError)
def declared(child: Child) -> bytes:
    renamed = child
    return renamed.declared()
