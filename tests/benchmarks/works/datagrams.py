"""UDP: a datagram is sent and taken, within one process, so that nothing is waited for."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

from nimnet import IPPROTO_UDP, SOCK_DGRAM, Port, new_socket

from benchmarks.peers.orders import HOST
from benchmarks.tasks import Task
from benchmarks.works.block import Block


@contextmanager
def datagrams(task: Task) -> Iterator[Block]:
    """Sends and receives datagrams of `size` bytes."""
    data, size = b"x" * task.size, task.size
    if task.by == "theirs":
        with (
            socket.socket(type=socket.SOCK_DGRAM) as their_sender,
            socket.socket(type=socket.SOCK_DGRAM) as their_receiver,
        ):
            their_receiver.bind((HOST, 0))
            target = their_receiver.getsockname()

            def with_socket(count: int) -> None:
                for _ in range(count):
                    their_sender.sendto(data, target)
                    their_receiver.recvfrom(size)

            yield Block(with_socket)
    else:
        with (
            new_socket(sock_type=SOCK_DGRAM, protocol=IPPROTO_UDP, buffered=False) as sender,
            new_socket(sock_type=SOCK_DGRAM, protocol=IPPROTO_UDP, buffered=False) as receiver,
        ):
            receiver.bind_addr(Port(0), HOST)
            _, port = receiver.get_local_addr()

            def with_nimnet(count: int) -> None:
                for _ in range(count):
                    sender.send_to(HOST, port, data)
                    receiver.recv_from(size)

            yield Block(with_nimnet)
