from nimnet_effects import raises


@raises(OSError)
def go() -> None:
    raise OSError


@raises()
def stay() -> None:
    pass
