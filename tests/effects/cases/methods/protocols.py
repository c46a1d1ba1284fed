from typing import Protocol

from cases.calls import look_up, read
from nimnet_effects import raises


class Source(Protocol):
    @raises(OSError)
    def get(self) -> bytes: ...

    @property
    @raises(KeyError)
    def name(self) -> str: ...

    def undeclared(self) -> None: ...


class Callback(Protocol):
    @raises(ValueError)
    def __call__(self, text: str) -> int: ...


@raises()
def callers(source: Source, callback: Callback) -> None:
    source.get()  # E: "Source.get" may raise "OSError"
    source.name  # E: "Source.name" may raise "KeyError"
    callback("a")  # E: "Callback.__call__" may raise "ValueError"
    source.undeclared()


@raises(OSError, KeyError, ValueError)
def declared(source: Source, callback: Callback) -> None:
    callback(source.name)
    source.get()


class Explicit(Source):
    def get(self) -> bytes:  # E: "Explicit.get" may raise "KeyError", which "Source.get" does not declare
        return look_up("a").encode()

    @property
    def name(self) -> str:
        return look_up("a")

    def undeclared(self) -> None:
        read()
