from functools import cached_property

from cases.calls import look_up, parse, read
from nimnet_effects import raises


class Config:
    @property
    def value(self) -> str:
        return look_up("a")

    @value.setter
    def value(self, new: str) -> None:
        parse(new)

    @value.deleter
    def value(self) -> None:
        read()

    @property
    @raises(OSError)
    def declared(self) -> bytes:
        return read()

    @declared.setter
    def declared(self, new: bytes) -> None:
        parse("a")

    @cached_property
    def kept(self) -> bytes:
        return read()

    @property
    def harmless(self) -> int:
        return 1


@raises()
def undeclared(config: Config) -> None:
    config.value  # E: "Config.value" may raise "KeyError"
    config.value = "a"  # E: "Config.value" may raise "ValueError"
    del config.value  # E: "Config.value" may raise "OSError"
    config.declared  # E: "Config.declared" may raise "OSError"
    config.declared = b"a"  # E: "Config.declared" may raise "ValueError"
    config.kept  # E: "Config.kept" may raise "OSError"
    config.harmless


@raises(KeyError)
def declared(config: Config) -> str:
    return config.value


@raises()
def handled(config: Config) -> None:
    try:
        config.value = config.value
    except (KeyError, ValueError):
        pass


@raises()
def property_object() -> None:
    Config.value
