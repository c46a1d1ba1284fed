from cases.calls import look_up, read


def helper() -> bytes:
    return read()


def other() -> str:
    return look_up("a")
