def helper() -> bytes:
    return b""
