from cases.calls import look_up, read
from nimnet_effects import raises


class Tools:
    @classmethod
    def of_class(cls) -> bytes:
        return read()

    @staticmethod
    def static() -> str:
        return look_up("a")

    @classmethod
    @raises(OSError)
    def declared(cls) -> bytes:
        return read()

    def plain(self) -> bytes:
        return read()


@raises()
def callers(tools: Tools, kind: type[Tools]) -> None:
    Tools.of_class()  # E: "Tools.of_class" may raise "OSError"
    tools.of_class()  # E: "Tools.of_class" may raise "OSError"
    kind.of_class()  # E: "Tools.of_class" may raise "OSError"
    Tools.static()  # E: "Tools.static" may raise "KeyError"
    tools.static()  # E: "Tools.static" may raise "KeyError"
    Tools.declared()  # E: "Tools.declared" may raise "OSError"
    Tools.plain(tools)  # E: "Tools.plain" may raise "OSError"


@raises(OSError)
def declared(kind: type[Tools]) -> bytes:
    return kind.of_class()


@raises()
def not_called() -> None:
    print(Tools.of_class, Tools.static)
