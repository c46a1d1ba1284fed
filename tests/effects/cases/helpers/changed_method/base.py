from cases.calls import read


class Base:
    def go(self) -> bytes:
        return read()
