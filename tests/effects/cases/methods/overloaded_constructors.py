from typing import overload

from nimnet_effects import raises


class File:
    @overload
    @raises(OSError)
    def __init__(self, name: str) -> None: ...
    @overload
    @raises()
    def __init__(self, name: int) -> None: ...
    def __init__(self, name: str | int) -> None:
        if isinstance(name, str):
            raise OSError

    @overload
    @raises(KeyError)
    def __getitem__(self, key: str) -> int: ...
    @overload
    @raises()
    def __getitem__(self, key: int) -> int: ...
    def __getitem__(self, key: str | int) -> int:
        if key == "a":
            raise KeyError
        return 1


@raises()
def makes() -> None:
    File("a")  # E: "File.__init__" may raise "OSError"
    File(1)


@raises()
def indexes(file: File) -> None:
    file["a"]  # E: "File.__getitem__" may raise "KeyError"
    file[1]


@raises(OSError)
def declared() -> File:
    return File("a")
