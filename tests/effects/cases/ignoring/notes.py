from cases.calls import quiet
from nimnet_effects import raises


@raises(OSError)
def needless() -> int:  # N: declares "OSError"
    return quiet()


@raises(OSError)
def reserved_for_later() -> int:  # type: ignore[raises]
    return quiet()
