from cases.calls import read


def helper() -> bytes:
    return read()
