from typing import Self

from cases.calls import read
from nimnet_effects import raises


class File:
    def __init__(self, name: str) -> None:
        self.name = name
        read()

    @classmethod
    def open(cls, name: str) -> Self:
        return cls(name)

    def again(self) -> Self:
        return type(self)(self.name)


@raises()
def callers(file: File) -> None:
    File.open("a")  # E: "File.open" may raise "OSError"
    file.again()  # E: "File.again" may raise "OSError"


@raises(OSError)
def declared(file: File) -> None:
    File.open("a").again()
