from cases.methods.overriding_across_modules.bases import Loading
from cases.methods.overriding_across_modules.mixins import Undeclared
from nimnet_effects import raises


class Mixed(Undeclared, Loading):  # E after: "Undeclared.load" may raise "ValueError" ... which "Loading.load" does not declare
    @raises()
    def other(self) -> None:
        pass
