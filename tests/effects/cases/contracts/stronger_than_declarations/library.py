from nimnet_effects import raises


@raises(OSError)
def fetch() -> bytes:
    raise OSError
