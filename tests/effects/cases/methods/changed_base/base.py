from nimnet_effects import raises


class Base:
    @raises(OSError)
    def go(self) -> None:
        raise OSError
