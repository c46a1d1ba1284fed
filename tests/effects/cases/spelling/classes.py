from cases.calls import read
from nimnet_effects import raises

nothing = raises()


@raises()  # E: @raises declares for functions: its methods can declare
class Called:
    def method(self) -> None:
        read()


@nothing  # E: @raises declares for functions: its methods can declare
class Named:
    @raises(OSError)
    def method(self) -> None:
        read()
