def fetch() -> bytes:
    raise KeyError
