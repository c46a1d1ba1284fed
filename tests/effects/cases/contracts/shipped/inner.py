def fetch() -> bytes:
    return b""
