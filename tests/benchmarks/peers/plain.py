"""The other end of plain connections."""

import contextlib
import select
import socket
from collections.abc import Iterator
from io import BufferedRWPair
from typing import Final

_BLOCK: Final = 1 << 20


def lines(size: int, count: int) -> bytes:
    """Returns lines of so many bytes, their ends included; of an end what fits in."""
    return (b"x" * size + b"\r\n")[-size:] * count


def produce(connection: socket.socket, size: int, control: BufferedRWPair) -> None:
    """Sends lines: for each number of the worker so many bytes; tells it before and after."""
    block = lines(size, max(1, _BLOCK // size))
    while wanted := int(control.readline() or 0):
        tell(control)
        for _ in range(wanted // len(block)):
            connection.sendall(block)
        connection.sendall(block[: wanted % len(block)])
        tell(control)


def consume(connection: socket.socket, talk: socket.socket, control: BufferedRWPair) -> None:
    """Reads all and forgets it; as it is over TLS, too, for nobody needs what it says.

    As soon as the worker says so, only when it says so again: what it sends then waits for that.
    """
    room = bytearray(_BLOCK)
    while talk not in select.select([connection, talk], [], [])[0]:
        if not connection.recv_into(room):
            return
    while control.readline():
        with contextlib.suppress(BlockingIOError):
            while connection.recv_into(room, 0, socket.MSG_DONTWAIT):
                pass
        tell(control)


def tell(control: BufferedRWPair) -> None:
    """Tells the worker that it is as far as that."""
    control.write(b"done\n")
    control.flush()


def answer(connection: socket.socket, size: int) -> None:
    """Sends back one message.

    Raises:
        EOFError: The other end has gone.
    """
    message = b""
    while len(message) < size:
        received = connection.recv(size - len(message))
        if not received:
            raise EOFError
        message += received
    connection.sendall(message)


def take(listener: socket.socket, control: BufferedRWPair) -> None:
    """Takes so many connections as the worker says, and closes them."""
    while wanted := int(control.readline() or 0):
        for _ in range(wanted):
            listener.accept()[0].close()
        tell(control)


def newcomers(listener: socket.socket, control: socket.socket) -> Iterator[socket.socket]:
    """Gives connections as they come, until the worker is done."""
    while True:
        ready, _, _ = select.select([listener, control], [], [])
        if control in ready:
            return
        yield listener.accept()[0]
