class Reader:
    def receive(self, size: int) -> int:
        return size

    def recv_line(self, timeout: int, flags: int) -> bytes:
        return b""

    @staticmethod
    def skip(size: int) -> None: ...
