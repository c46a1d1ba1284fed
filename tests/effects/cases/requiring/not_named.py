from cases.calls import read


def undeclared() -> bytes:
    return read()
