from cases.calls import read


def go() -> bytes:
    return read()


def stay() -> int:
    return 1
