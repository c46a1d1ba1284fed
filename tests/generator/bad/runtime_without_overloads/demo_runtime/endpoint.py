class Endpoint:
    hint: int

    @property
    def hint(self) -> int:
        return 0

    def send(self, size: int = 0) -> None: ...
