"""What a worker asks of the peer: an order over a connection of its own, answered with a port.

The connection stays: its end tells the peer that the worker is done. Where the peer has to prepare
something for each block, the two speak of that in lines.
"""

import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from io import BufferedRWPair
from typing import Final, Literal, Self, TypeAlias

HOST: Final = "127.0.0.1"
WAIT: Final = 60.0
"""Seconds after which a worker or the peer gives the other one up."""

BUFFER: Final = 4 << 20
"""Bytes that the system is asked to hold for a socket; it may allow for fewer."""
MESSAGE: Final = b"x" * 64
"""What is sent where an answer is waited for."""

What: TypeAlias = Literal["produce", "consume", "echo", "greet", "crowd", "hold"]
"""Sends so many lines as it is told; reads, when it is told if that is wanted, and forgets; sends
back; takes so many connections as it is told, over TLS any with one byte for an answer; sends back
on many connections; the same once on each connection, which then stays."""


@dataclass(frozen=True)
class Order:
    """What the peer is to do.

    Attributes:
        what: The kind of its work.
        size: Bytes of a line or a message; for `crowd` and `hold`, how many connections.
        tls: Whether over TLS.
    """

    what: What
    size: int
    tls: bool

    @classmethod
    def read(cls, line: bytes) -> Self:
        """Returns the order that a worker has written."""
        return cls(**json.loads(line))

    def line(self) -> bytes:
        """Returns the order as it is written."""
        return json.dumps(asdict(self)).encode() + b"\n"


@dataclass(frozen=True)
class Ordered:
    """The peer, for a worker whose order it carries out.

    Attributes:
        port: Where it listens.
    """

    port: int
    _talk: BufferedRWPair

    def say(self, word: str) -> None:
        """Tells the peer something."""
        self._talk.write(word.encode() + b"\n")
        self._talk.flush()

    def hear(self) -> str:
        """Waits for what the peer says.

        Raises:
            ConnectionError: It has ended.
        """
        line = self._talk.readline()
        if not line:
            raise ConnectionError("the peer has ended")
        return line.decode().strip()


@contextmanager
def ordered(control: int, order: Order) -> Iterator[Ordered]:
    """Gives the peer an order, for as long as the context lasts.

    Args:
        control: The port where it takes orders.
        order: What it is to do.
    """
    with (
        socket.create_connection((HOST, control), timeout=WAIT) as connection,
        connection.makefile("rwb") as talk,
    ):
        talk.write(order.line())
        talk.flush()
        yield Ordered(int(talk.readline()), talk)
