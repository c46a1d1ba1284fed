from cases.calls import read


class Worker:
    def work(self) -> bytes:
        return read()

    def rest(self) -> None:
        pass


def make() -> Worker:
    return Worker()
