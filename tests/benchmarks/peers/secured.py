"""The other end of connections with TLS: Python's own `ssl`, with one version and group allowed.

What a block is to read is encrypted before it is sent. Otherwise the peer would be the slower end,
and how much a client finds when it looks would depend on that.
"""

import socket
import ssl
from collections.abc import Callable
from functools import partial
from io import BufferedRWPair
from typing import Final, TypeVar

from benchmarks.peers.plain import lines, tell

_T = TypeVar("_T")

GREETING: Final = b"."
_PIECE: Final = 64 * 1024


def context(cert_file: str, key_file: str) -> ssl.SSLContext:
    """Returns the server's context: TLS 1.3 with P-256, which every client here is held to."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    made.set_ecdh_curve("prime256v1")
    made.load_cert_chain(cert_file, key_file)
    return made


class Session:
    """One end of a connection, between two buffers: what is encrypted can be kept for a while."""

    def __init__(self, settings: ssl.SSLContext, raw: socket.socket) -> None:
        """Shakes hands."""
        self._raw = raw
        self._input, self._output = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = settings.wrap_bio(self._input, self._output, server_side=True)
        self._run(self._tls.do_handshake)

    def write(self, data: bytes) -> None:
        """Sends bytes."""
        self._run(partial(self._tls.write, data))

    def produce(self, size: int, control: BufferedRWPair) -> None:
        """Sends lines: for each number of the worker so many bytes; tells it before and after."""
        while wanted := control.readline():
            ciphertext = self._encrypted(size, int(wanted))
            tell(control)
            self._raw.sendall(ciphertext)
            tell(control)

    def answer(self, size: int) -> None:
        """Sends back one message.

        Raises:
            EOFError: The other end has gone.
        """
        message = b""
        while len(message) < size:
            received = self._run(partial(self._tls.read, size - len(message)))
            if not received:
                raise EOFError
            message += received
        self.write(message)

    def _encrypted(self, size: int, wanted: int) -> bytes:
        piece = lines(size, max(1, _PIECE // size))
        while wanted > 0:
            self._tls.write(piece[:wanted])
            wanted -= len(piece)
        return self._output.read()

    def _run(self, operation: Callable[[], _T]) -> _T:
        while True:
            try:
                result = operation()
            except ssl.SSLWantReadError:
                self._flush()
                received = self._raw.recv(1 << 16)
                if not received:
                    raise EOFError from None
                self._input.write(received)
            else:
                self._flush()
                return result

    def _flush(self) -> None:
        if ciphertext := self._output.read():
            self._raw.sendall(ciphertext)
