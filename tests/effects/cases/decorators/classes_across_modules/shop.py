from collections.abc import Callable

from cases.calls import look_up, read


class Command:
    def __init__(self, run: Callable[[str], bytes]) -> None:
        self.run = run

    def __call__(self, name: str) -> bytes:
        look_up(name)
        return self.run(name)


@Command
def command(name: str) -> bytes:
    return read()
