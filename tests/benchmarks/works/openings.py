"""Connections that are opened and closed; over TLS with the handshake and the first byte."""

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from nimnet import Socket

from benchmarks.peers.orders import Order, ordered
from benchmarks.peers.secured import GREETING
from benchmarks.tasks import Task
from benchmarks.works.block import Block
from benchmarks.works.connections import connecting_ours, connecting_theirs, negotiated

_WAITING: Final = 100
"""How many connections wait for the peer: no more than any system lets wait."""


@contextmanager
def opening(task: Task) -> Iterator[Block]:
    """Opens connections, and closes each at once.

    The system connects them without the peer, as many as may wait; the peer takes them afterwards.
    Over TLS it has to be there, and they are closed afterwards: then nimnet says goodbye, which
    `ssl` does not.
    """
    connect: Callable[[int], socket.socket | Socket] = (
        connecting_theirs(task) if task.by == "theirs" else connecting_ours(task)
    )
    done: list[socket.socket | Socket] = []
    with ordered(task.control, Order("greet", 0, task.tls)) as peer:
        port = peer.port

        def open_and_close(count: int) -> None:
            for _ in range(count):
                connect(port).close()

        def shake_hands(count: int) -> None:
            for _ in range(count):
                sock = connect(port)
                assert sock.recv(1) == GREETING
                done.append(sock)

        def have_them_taken(count: int) -> None:
            peer.say(str(count))
            peer.hear()

        def close(_count: int) -> None:
            for sock in done:
                sock.close()
            done.clear()

        if task.tls:
            shake_hands(1)
            facts = negotiated(done[0])
            close(1)
            yield Block(shake_hands, after=close, facts=facts)
        else:
            yield Block(open_and_close, after=have_them_taken, most=_WAITING)
