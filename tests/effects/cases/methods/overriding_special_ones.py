from cases.calls import look_up, read
from nimnet_effects import raises


class Base:
    @raises()
    def __init__(self) -> None:
        pass

    @property
    @raises()
    def value(self) -> str:
        return "a"

    @classmethod
    @raises()
    def make(cls) -> "Base":
        return cls()

    @raises()
    def _private(self) -> None:
        pass

    @raises()
    def __mangled(self) -> None:
        pass


class Child(Base):
    def __init__(self) -> None:
        # Whoever makes a Child names it: no override.
        read()

    @property
    def value(self) -> str:  # E: "Child.value" may raise "KeyError", which "Base.value" does not declare
        return look_up("a")

    @classmethod
    def make(cls) -> "Child":  # E: "Child.make" may raise "OSError", which "Base.make" does not declare
        read()
        return cls()

    def _private(self) -> None:  # E: "Child._private" may raise "OSError"
        read()

    def __mangled(self) -> None:
        read()
