from cases.calls import look_up, read
from nimnet_effects import raises


class Base:
    @raises(OSError)
    def go(self) -> bytes:
        return read()

    @raises(OSError)
    def stay(self) -> None:
        read()


class More(Base):
    @raises(OSError, KeyError)
    def go(self) -> bytes:  # E: "More.go" may raise "KeyError", which "Base.go" does not declare
        look_up("a")
        return read()


class Less(Base):
    @raises()
    def go(self) -> bytes:
        return b""


class Narrower(Base):
    @raises(ConnectionError)
    def go(self) -> bytes:
        raise ConnectionResetError


class Undeclared(Base):
    def go(self) -> bytes:
        return read()

    def stay(self) -> None:  # E: "Undeclared.stay" may raise "KeyError", which "Base.stay" does not declare
        look_up("a")


@raises()
def callers(less: Less, more: More) -> None:
    less.go()
    more.go()  # E: "More.go" may raise "KeyError" and "OSError"
