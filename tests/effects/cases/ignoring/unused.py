from cases.calls import quiet, read
from nimnet_effects import raises


@raises(OSError)
def declared() -> None:
    read()  # type: ignore[raises]  # E: Unused "type: ignore


@raises()
def harmless() -> None:
    quiet()  # type: ignore[raises]  # E: Unused "type: ignore


def not_asked() -> None:
    read()  # type: ignore[raises]  # E: Unused "type: ignore
