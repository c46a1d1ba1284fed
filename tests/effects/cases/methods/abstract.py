from abc import ABC, abstractmethod

from cases.calls import look_up, read
from nimnet_effects import raises


class Source(ABC):
    @abstractmethod
    @raises(OSError)
    def get(self) -> bytes: ...

    @abstractmethod
    def unknown(self) -> bytes: ...

    @raises(OSError)
    def template(self) -> bytes:
        return self.get()


class File(Source):
    @raises(OSError)
    def get(self) -> bytes:
        return read()

    def unknown(self) -> bytes:
        return look_up("a").encode()


class Wrong(Source):
    def get(self) -> bytes:  # E: "Wrong.get" may raise "KeyError", which "Source.get" does not declare
        return look_up("a").encode()

    def unknown(self) -> bytes:
        return b""


@raises()
def callers(source: Source) -> None:
    source.get()  # E: "Source.get" may raise "OSError"
    source.unknown()
    source.template()  # E: "Source.template" may raise "OSError"


@raises(OSError)
def declared(source: Source) -> bytes:
    return source.get()
