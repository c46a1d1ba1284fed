from cases.calls import read


def go() -> None:
    read()


class Kind:
    def work(self) -> None:
        read()
