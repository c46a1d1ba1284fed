"""Reads, writes and exchanges on one connection, which the peer keeps full or empty."""

import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final, TypeAlias

from nimnet import Socket

from benchmarks.peers.orders import BUFFER, MESSAGE, Order, Ordered, What, ordered
from benchmarks.tasks import Task
from benchmarks.works.block import Block
from benchmarks.works.connections import connecting_ours, connecting_theirs, negotiated

Run: TypeAlias = Callable[[int], None]

_SAFE: Final = 4
"""The part of a buffer that is used: the system counts what it needs itself, and rounds."""

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
                ours.set_sock_opt_int(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                room = ours.get_sock_opt_int(socket.SOL_SOCKET, socket.SO_RCVBUF)
                run, facts = way.using(ours, task.size), negotiated(ours)
                yield _with_the_peer(peer, stream.what, task.size, room, Block(run, facts=facts))
        else:
            with connecting_theirs(task)(peer.port) as theirs:
                theirs.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
                room = theirs.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
                run, facts = way.using(theirs, task.size), negotiated(theirs)
                yield _with_the_peer(peer, stream.what, task.size, room, Block(run, facts=facts))


def _with_the_peer(peer: Ordered, what: What, size: int, room: int, block: Block) -> Block:
    """Returns a block for which the peer does its part before or after, and never meanwhile.

    Then nothing is waited for, whatever else the machine does: what is read is there, and what is
    written finds room. What the system's buffers do not hold at once has to flow meanwhile.
    """
    most = room // _SAFE // size
    if what == "echo":
        return block
    if what == "consume":
        if not most:
            return block

        def have_it_read(_count: int) -> None:
            peer.say("read")
            peer.hear()

        have_it_read(0)
        return replace(block, after=have_it_read, most=most)

    def have_it_sent(count: int) -> None:
        peer.say(str(count * size))
        if most:
            peer.hear()

    def wait_for_its_end(_count: int) -> None:
        if not most:
            peer.hear()

    return replace(block, before=have_it_sent, after=wait_for_its_end, most=max(1, most))
