from cases.calls import read


class Source:
    def get(self) -> bytes:
        return read()
