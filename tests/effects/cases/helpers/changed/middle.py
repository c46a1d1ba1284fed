from cases.helpers.changed import bottom


def go() -> bytes:
    return bottom.go()


def stay() -> int:
    return bottom.stay()
