"""Reads, writes and exchanges on one connection, which the peer keeps full or empty."""

import os
import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fcntl import ioctl
from itertools import islice
from termios import FIONREAD
from time import monotonic, sleep
from typing import Final, TypeAlias

from nimnet import Socket

from benchmarks.peers.orders import BUFFER, MESSAGE, Order, Ordered, What, ordered
from benchmarks.tasks import Task
from benchmarks.works.block import Block
from benchmarks.works.connections import connecting_ours, connecting_theirs, negotiated

Run: TypeAlias = Callable[[int], None]

_SAFE: Final = 4
"""The part of a buffer that is used: the system counts what it needs itself, and rounds."""
_FLOW: Final = 16 << 20
"""Bytes that flow without a pause."""
_PAUSE: Final = 0.0002
"""Seconds from one look to the next."""
_LATE: Final = 0.1
"""Seconds after which no more will arrive."""

# What one does with a socket and `makefile`.


def _readline(sock: socket.socket, _size: int) -> Run:
    file = sock.makefile("rb")

    def run(count: int) -> None:
        for _ in range(count):
            file.readline().rstrip(b"\r\n")

    return run


def _iterate(sock: socket.socket, _size: int) -> Run:
    file = sock.makefile("rb")

    def run(count: int) -> None:
        for line in islice(file, count):
            line.rstrip(b"\r\n")

    return run


def _read(sock: socket.socket, size: int) -> Run:
    file = sock.makefile("rb")

    def run(count: int) -> None:
        for _ in range(count):
            file.read(size)

    return run


def _readinto(sock: socket.socket, size: int) -> Run:
    file, room = sock.makefile("rb"), memoryview(bytearray(size))

    def run(count: int) -> None:
        for _ in range(count):
            file.readinto(room)

    return run


def _recv_what_is_there(sock: socket.socket, size: int) -> Run:
    def run(count: int) -> None:
        left = count * size
        while left > 0:
            left -= len(sock.recv(size))

    return run


def _recv_into(sock: socket.socket, size: int) -> Run:
    room = memoryview(bytearray(size))

    def run(count: int) -> None:
        for _ in range(count):
            done = 0
            while done < size:
                done += sock.recv_into(room[done:])

    return run


def _sendall(sock: socket.socket, size: int) -> Run:
    data = b"x" * size

    def run(count: int) -> None:
        for _ in range(count):
            sock.sendall(data)

    return run


def _sendall_and_recv(sock: socket.socket, size: int) -> Run:
    def run(count: int) -> None:
        for _ in range(count):
            sock.sendall(MESSAGE)
            sock.recv(size)

    return run


# What one does with nimnet.


def _recv_line(sock: Socket, _size: int) -> Run:
    def run(count: int) -> None:
        for _ in range(count):
            sock.recv_line()

    return run


def _recv_line_within(sock: Socket, _size: int) -> Run:
    def run(count: int) -> None:
        for _ in range(count):
            sock.recv_line(timeout=5000)

    return run


def _lines(sock: Socket, _size: int) -> Run:
    lines = sock.lines()

    def run(count: int) -> None:
        for _ in islice(lines, count):
            pass

    return run


def _recv(sock: Socket, size: int) -> Run:
    def run(count: int) -> None:
        for _ in range(count):
            sock.recv(size)

    return run


def _unbuffered_recv(sock: Socket, size: int) -> Run:
    def run(count: int) -> None:
        left = count * size
        while left > 0:
            left -= len(sock.recv(size))

    return run


def _recv_into_memory(sock: Socket, size: int) -> Run:
    room = memoryview(bytearray(size))

    def run(count: int) -> None:
        for _ in range(count):
            sock.recv(room, size)

    return run


def _send(sock: Socket, size: int) -> Run:
    data = b"x" * size

    def run(count: int) -> None:
        for _ in range(count):
            sock.send(data)

    return run


def _send_and_recv(sock: Socket, size: int) -> Run:
    def run(count: int) -> None:
        for _ in range(count):
            sock.send(MESSAGE)
            sock.recv(size)

    return run


@dataclass(frozen=True)
class Theirs:
    """How the work is done with a socket of Python's."""

    using: Callable[[socket.socket, int], Run]


@dataclass(frozen=True)
class Ours:
    """How the work is done with a socket of nimnet's."""

    using: Callable[[Socket, int], Run]
    buffered: bool = True


@dataclass(frozen=True)
class Stream:
    """A work on one connection.

    Attributes:
        what: What the peer does meanwhile.
        theirs: What is compared with.
        ours: What is compared.
    """

    what: What
    theirs: Theirs | Ours
    ours: Ours | Theirs


STREAMS: Final[Mapping[str, Stream]] = {
    "control": Stream("produce", Theirs(_readline), Theirs(_readline)),
    "recv_line": Stream("produce", Theirs(_readline), Ours(_recv_line)),
    "recv_line within": Stream("produce", Ours(_recv_line), Ours(_recv_line_within)),
    "lines": Stream("produce", Theirs(_iterate), Ours(_lines)),
    "recv": Stream("produce", Theirs(_read), Ours(_recv)),
    "unbuffered recv": Stream(
        "produce", Theirs(_recv_what_is_there), Ours(_unbuffered_recv, buffered=False)
    ),
    "recv into": Stream("produce", Theirs(_readinto), Ours(_recv_into_memory)),
    "bulk": Stream("produce", Theirs(_recv_into), Ours(_recv_into_memory)),
    "send": Stream("consume", Theirs(_sendall), Ours(_send)),
    "exchange": Stream("echo", Theirs(_sendall_and_recv), Ours(_send_and_recv)),
}


@contextmanager
def on_a_stream(task: Task) -> Iterator[Block]:
    """Connects, and does the work that a task names."""
    stream = STREAMS[task.work]
    way = stream.theirs if task.by == "theirs" else stream.ours
    with ordered(task.control, Order(stream.what, task.size, task.tls)) as peer:
        if isinstance(way, Ours):
            with connecting_ours(task, buffered=way.buffered)(peer.port) as ours:
                block = Block(way.using(ours, task.size), facts=negotiated(ours))
                with _looked_at(ours.fileno()) as below:
                    yield _with_the_peer(peer, stream.what, task, below, block)
        else:
            with connecting_theirs(task)(peer.port) as theirs:
                block = Block(way.using(theirs, task.size), facts=negotiated(theirs))
                with _looked_at(theirs.fileno()) as below:
                    yield _with_the_peer(peer, stream.what, task, below, block)


def _looked_at(descriptor: int) -> socket.socket:
    """Returns a second socket of a connection, below whatever uses the first; enlarges buffers."""
    below = socket.socket(fileno=os.dup(descriptor))
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        below.setsockopt(socket.SOL_SOCKET, option, BUFFER)
    return below


def _with_the_peer(
    peer: Ordered, what: What, task: Task, below: socket.socket, block: Block
) -> Block:
    """Returns a block with what the peer has to do for it.

    Unless bytes are to flow meanwhile, it does that before or after: what is read is there, what is
    written finds room, and nothing is waited for, whatever else the machine does. Where they flow,
    the buffer is full at the beginning, and what is read is never far ahead of what is sent.
    """
    room = below.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) // _SAFE
    most = (_FLOW if task.flowing else room) // task.size

    def have_it_read(_count: int) -> None:
        peer.say("read")
        peer.hear()

    def have_it_sent(count: int) -> None:
        peer.say(str(count * task.size))
        peer.hear()
        _await(below, min(count * task.size, room))

    def hear_that_it_was_sent(_count: int) -> None:
        peer.hear()

    if what == "produce":
        after = hear_that_it_was_sent
        return replace(block, before=have_it_sent, after=after, most=max(1, most))
    if what == "consume" and most and not task.flowing:
        have_it_read(0)  # from now on it reads when it is told to
        return replace(block, after=have_it_read, most=most)
    return block


def _await(below: socket.socket, size: int) -> None:
    """Waits until so many bytes have arrived that nobody has read, or no more do.

    What was sent may be on its way: a sender waits for acknowledgements, which are delayed by 40 ms
    unless they are asked for.
    """
    arrived, since = -1, monotonic()
    while arrived < size and monotonic() < since + _LATE:
        now = int.from_bytes(ioctl(below, FIONREAD, bytes(4)), sys.byteorder)
        if now > arrived:
            arrived, since = now, monotonic()
        if arrived < size:
            if sys.platform == "linux":
                below.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            sleep(_PAUSE)
