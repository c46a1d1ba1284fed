from cases.calls import read


def go() -> None:
    read()
