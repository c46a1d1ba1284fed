"""Many connections that are used in turn: one exchange on each."""

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice

from benchmarks.peers.orders import MESSAGE, Order, ordered
from benchmarks.tasks import Task
from benchmarks.works.block import Block
from benchmarks.works.connections import connecting_ours, connecting_theirs


@contextmanager
def in_turn(task: Task) -> Iterator[Block]:
    """Exchanges 64 bytes on the next connection each time; `size` is how many there are."""
    with (
        ordered(task.control, Order("crowd", task.size, tls=False)) as peer,
        contextlib.ExitStack() as open_ones,
    ):
        if task.by == "theirs":
            dial_theirs = connecting_theirs(task)
            theirs = cycle(
                [open_ones.enter_context(dial_theirs(peer.port)) for _ in range(task.size)]
            )

            def with_socket(count: int) -> None:
                for sock in islice(theirs, count):
                    sock.sendall(MESSAGE)
                    sock.recv(64)

            yield Block(with_socket)
        else:
            dial_ours = connecting_ours(task)
            ours = cycle([open_ones.enter_context(dial_ours(peer.port)) for _ in range(task.size)])

            def with_nimnet(count: int) -> None:
                for sock in islice(ours, count):
                    sock.send(MESSAGE)
                    sock.recv(64)

            yield Block(with_nimnet)
