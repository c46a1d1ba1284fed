from typing import Generic, TypeVar

from cases.calls import look_up, read
from nimnet_effects import raises

T = TypeVar("T")


class Source(Generic[T]):
    def get(self) -> T:
        read()
        return self.make()

    def make(self) -> T:
        raise NotImplementedError


class Names(Source[str]):
    def make(self) -> str:
        return look_up("a")


@raises()
def callers(names: Names, source: Source[int]) -> None:
    names.get()  # E: "Source.get" may raise "OSError"
    names.make()  # E: "Names.make" may raise "KeyError"
    source.get()  # E: "Source.get" may raise "OSError"
    source.make()


@raises(OSError)
def declared(names: Names) -> str:
    return names.get().upper()
