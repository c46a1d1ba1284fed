from nimnet_effects import raises


@raises(OSError, KeyError)
def go(flag: bool = False) -> None:
    if flag:
        raise OSError
    raise KeyError


@raises(ValueError)
def stay() -> None:
    raise ValueError
