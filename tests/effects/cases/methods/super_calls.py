from cases.calls import look_up, read
from nimnet_effects import raises


class Base:
    def __init__(self) -> None:
        read()

    def go(self) -> bytes:
        return read()

    @property
    def value(self) -> str:
        return look_up("a")

    @classmethod
    def make(cls) -> "Base":
        look_up("a")
        return cls()


class Child(Base):
    @raises()
    def __init__(self) -> None:
        super().__init__()  # E: "Base.__init__" may raise "OSError"

    @raises(OSError)
    def go(self) -> bytes:
        return super().go()

    @property
    @raises()
    def value(self) -> str:
        return super().value  # E: "Base.value" may raise "KeyError"

    @classmethod
    @raises(OSError)
    def make(cls) -> "Child":
        super().make()  # E: "Base.make" may raise "KeyError"
        super(Child, cls).make()  # E: "Base.make" may raise "KeyError"
        return cls()


class Mixed(Child):
    @raises()
    def go(self) -> bytes:
        try:
            return super().go()
        except OSError:
            return b""
