from cases.calls import read
from nimnet_effects import raises


class Reader:
    def go(self) -> bytes:
        return read()

    @raises()
    def bound(self) -> None:
        later = self.go
        later()  # E: "Reader.go" may raise "OSError"


@raises()
def chosen(flag: bool, reader: Reader) -> None:
    (read if flag else reader.go)()  # E: "read" may raise "OSError"  # E: "Reader.go" may raise "OSError"


@raises()
def kept(reader: Reader) -> None:
    later = reader.go
    print(later)


@raises(OSError)
def declared(reader: Reader) -> bytes:
    later = reader.go
    return later()
