from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Undeclared:
    def load(self) -> bytes:
        look_up("a")
        return b""


class Mixin:
    """Keeps what `Loading` declares, without knowing of it."""

    def load(self) -> bytes:
        return read()


class Loading:
    @raises(OSError)
    def load(self) -> bytes:
        return read()


class Parsing:
    @raises(ValueError)
    def load(self) -> bytes:
        return b"%d" % parse("a")


# What is called is the first one's, and what callers have read may be the other one's.
class Inherited(Undeclared, Loading):  # E: "Undeclared.load" may raise "KeyError" (cases.methods.overriding_several_bases:7 calls "look_up"), which "Loading.load" does not declare, and "Inherited" has it in the place of that
    pass


class InheritedDeclared(Parsing, Loading):  # E: "Parsing.load" may raise "ValueError", which "Loading.load" does not declare
    pass


class Kept(Mixin, Loading):
    pass


class TheOtherWayRound(Loading, Undeclared):
    pass


# It is said once.
class Further(Inherited):
    pass


class Mixed(Further, Mixin):
    pass


class ToTheFirst(Parsing, Loading):
    @raises(ValueError)
    def load(self) -> bytes:  # E: "ToTheFirst.load" may raise "ValueError", which "Loading.load" does not declare
        return b"%d" % parse("a")


class ToTheSecond(Parsing, Loading):
    def load(self) -> bytes:  # E: "ToTheSecond.load" may raise "OSError", which "Parsing.load" does not declare
        return read()


class ToNone(Parsing, Loading):
    def load(self) -> bytes:  # E: may raise "KeyError", which "Parsing.load" does not declare  # E: may raise "KeyError", which "Loading.load" does not declare
        look_up("a")
        return b""


class ToAll(Parsing, Loading):
    @raises()
    def load(self) -> bytes:
        return b""


class Top:
    @raises()
    def load(self) -> bytes:
        return b""


class Wider(Top):
    @raises(OSError)
    def load(self) -> bytes:  # E: "Wider.load" may raise "OSError", which "Top.load" does not declare
        return read()


# Where Wider breaks its word, it has been said.
class Bottom(Wider):
    def load(self) -> bytes:
        return read()


class Left(Top):
    pass


class Right(Top):
    @raises()
    def load(self) -> bytes:
        return b""


class Diamond(Left, Right):
    pass
