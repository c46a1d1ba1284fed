from cases.calls import look_up


def go() -> None:
    look_up("a")


class Kind:
    def work(self) -> None:
        look_up("a")
