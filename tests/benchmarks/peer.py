"""The other end of plain sockets: a process of its own, so that it does not share our GIL."""

import multiprocessing
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Final

from nimnet import Port, Socket, dial

from benchmarks.table import Taken, duration

ORDER: Final = struct.Struct("!cIQ")
PRODUCE: Final = b"p"
CONSUME: Final = b"c"
ECHO: Final = b"e"


def serve(port: Connection) -> None:
    """The peer: does what the order at the beginning of each connection says."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port.send(listener.getsockname()[1])
        while True:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as orders:
                what, length, count = ORDER.unpack(orders.read(ORDER.size))
                if what == PRODUCE:
                    produce(connection, orders.read(length), count)
                elif what == CONSUME:
                    # The last byte says that all came.
                    left = count
                    while left:
                        left -= len(orders.read1(min(left, 1 << 16)))
                    connection.sendall(b".")
                else:
                    for _ in range(count):
                        connection.sendall(orders.readline())


def produce(connection: socket.socket, pattern: bytes, count: int) -> None:
    repeats = min(count, max(1, (1 << 20) // len(pattern)))
    block = pattern * repeats
    for _ in range(count // repeats):
        connection.sendall(block)
    connection.sendall(pattern * (count % repeats))


@contextmanager
def peer() -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=serve, args=(theirs,), daemon=True)
    process.start()
    try:
        yield int(ours.recv())
    finally:
        process.terminate()
        process.join()


@dataclass(frozen=True)
class Exchange:
    """What the peer is told to do, and where it is."""

    port: int
    what: bytes
    pattern: bytes
    count: int

    def over_nimnet(self, action: Callable[[Socket], None]) -> Callable[[], Taken]:
        def measure() -> Taken:
            with dial("127.0.0.1", Port(self.port)) as sock:
                sock.send(self._order())
                return duration(lambda: action(sock))

        return measure

    def over_socket(self, action: Callable[[socket.socket], None]) -> Callable[[], Taken]:
        def measure() -> Taken:
            with socket.create_connection(("127.0.0.1", self.port)) as sock:
                sock.sendall(self._order())
                return duration(lambda: action(sock))

        return measure

    def _order(self) -> bytes:
        return ORDER.pack(self.what, len(self.pattern), self.count) + self.pattern
