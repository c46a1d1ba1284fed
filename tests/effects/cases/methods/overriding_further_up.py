from cases.calls import look_up
from nimnet_effects import raises


class Top:
    @raises()
    def go(self) -> None:
        pass


class Middle(Top):
    pass


class Other:
    @raises(KeyError)
    def go(self) -> None:
        look_up("a")


class Bottom(Middle):
    def go(self) -> None:  # E: "Bottom.go" may raise "KeyError", which "Top.go" does not declare
        look_up("a")


class Unrelated(Other):
    def go(self) -> None:
        look_up("a")
