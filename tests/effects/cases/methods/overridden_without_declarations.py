from cases.calls import look_up, read
from nimnet_effects import raises


class Base:
    def go(self) -> bytes:
        return read()


class Child(Base):
    def go(self) -> bytes:
        # Nobody said what go() may raise.
        return look_up("a").encode()


@raises()
def callers(base: Base, child: Child) -> None:
    base.go()  # E: "Base.go" may raise "OSError"
    child.go()  # E: "Child.go" may raise "KeyError"
