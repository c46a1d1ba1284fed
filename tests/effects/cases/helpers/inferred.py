from cases.calls import look_up, read
from nimnet_effects import raises


def helper() -> bytes:
    return read()


def handling() -> bytes:
    try:
        return read()
    except OSError:
        return b""


def defined_later() -> str:
    return even_later()


@raises()
def callers() -> None:
    helper()  # E: "helper" may raise "OSError"
    handling()
    defined_later()  # E: "defined_later" may raise "KeyError"


@raises(OSError)
def declares() -> None:
    helper()


@raises()
def handles() -> None:
    try:
        helper()
    except OSError:
        pass


def even_later() -> str:
    return look_up("a")
