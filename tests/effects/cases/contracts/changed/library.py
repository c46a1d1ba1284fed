def fetch() -> bytes:
    return b""


def other() -> None:
    pass
