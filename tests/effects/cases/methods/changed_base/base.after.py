from nimnet_effects import raises


class Base:
    @raises(ConnectionError)
    def go(self) -> None:
        raise ConnectionError
