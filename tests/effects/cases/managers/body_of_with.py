from cases.calls import look_up, read
from nimnet_effects import raises


class Manager:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        pass


@raises()
def body() -> None:
    with Manager():
        read()  # E: "read" may raise "OSError"


@raises(KeyError)
def declared() -> None:
    with Manager():
        look_up("a")


@raises()
def expression(manager: Manager) -> None:
    with make(read()):  # E: "read" may raise "OSError"
        pass


def make(data: bytes) -> Manager:
    return Manager()
