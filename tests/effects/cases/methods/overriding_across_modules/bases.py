from nimnet_effects import raises


class Loading:
    @raises(KeyError)
    def load(self) -> bytes:
        raise KeyError
