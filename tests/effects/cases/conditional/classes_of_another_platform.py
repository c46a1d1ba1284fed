import sys

from cases.calls import read
from nimnet_effects import raises


class Base:
    @raises()
    def go(self) -> None:
        pass


if sys.platform == "a platform that nobody has":

    class Own(Base):
        @raises(OSError)
        def go(self) -> None:
            read()


@raises()
def still_looked_at(base: Base) -> None:
    base.go()
    read()  # E: "read" may raise "OSError"
