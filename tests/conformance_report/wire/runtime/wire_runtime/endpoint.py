"""An end of a wire."""

from __future__ import annotations


class Endpoint:
    """It receives what it has sent."""

    def __init__(self) -> None:
        """Start with nothing on the wire."""
        self._wire = b""

    def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Put data on the wire."""
        self._wire += data

    def recv(self, size: int) -> bytes:
        """Take data off the wire."""
        taken, self._wire = self._wire[:size], self._wire[size:]
        return taken

    def recv_within(self, size: int, timeout: int) -> bytes:
        """Take data off the wire; it never has to wait."""
        assert timeout >= 0
        return self.recv(size)
