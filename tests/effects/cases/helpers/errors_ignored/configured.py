from cases.calls import read


def come() -> bytes:
    return read()
