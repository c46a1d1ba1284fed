from nimnet_effects import raises


class Base:
    @raises()
    def go(self) -> None:
        pass
