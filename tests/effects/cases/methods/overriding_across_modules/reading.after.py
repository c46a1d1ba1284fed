def fetch() -> bytes:
    raise ValueError
