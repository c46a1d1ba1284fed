from typing import Any, TypedDict

from nimnet_effects import raises


@raises(OSError, timeout=ValueError)
def fetch(host: str = "", timeout: int = -1) -> bytes:
    raise OSError if timeout == -1 else ValueError


class Options(TypedDict):
    host: str


@raises(OSError)
def unpacked(args: list[Any], options: dict[str, Any], one: tuple[str], known: Options) -> None:
    fetch(*args)  # E: "fetch" may raise "ValueError"
    fetch(**options)  # E: "fetch" may raise "ValueError"
    fetch(*one)
    fetch(**known)


@raises(OSError, ValueError)
def declared(args: list[Any]) -> None:
    fetch(*args)
