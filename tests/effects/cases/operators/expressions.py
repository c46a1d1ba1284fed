from cases.calls import look_up, read
from nimnet_effects import raises


class Shown:
    def __str__(self) -> str:
        return look_up("a")

    def __format__(self, spec: str) -> str:
        return look_up(spec)


@raises()
def parts() -> None:
    f"{read()!r}"  # E: "read" may raise "OSError"
    {1: read()}  # E: "read" may raise "OSError"
    [1, 2][len(read()) :]  # E: "read" may raise "OSError"
    None or read()  # E: "read" may raise "OSError"
    print(*look_up("a"))  # E: "look_up" may raise "KeyError"
    dict(**{"a": read()})  # E: "read" may raise "OSError"
    (lambda: 1)()


@raises(KeyError, OSError)
def declared() -> None:
    print(f"{look_up('a')}", {read(): 1})


@raises()
def deleted_and_returned() -> tuple[bytes, str]:
    return read(), ""  # E: "read" may raise "OSError"
