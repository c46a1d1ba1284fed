class Memory:
    def load(self) -> bytes:
        raise ValueError


def handle() -> bytes:
    raise OSError
