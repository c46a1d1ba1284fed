"""Several threads that write to one socket: each send arrives whole, and in each thread's order."""

from __future__ import annotations

import contextlib
import errno
import random
import socket
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import cycle, islice

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.loopback import Background, udp_endpoint
from harness.tlspair import PATIENCE
from nimnet_gen.testing.background import Started, started
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SAFE_DISCONN, TimeoutError
from nimnet_runtime.tls.context import Context

WRITERS = 6
MESSAGES = 25
LARGEST = 300_000
BLOCKING = 4 << 20
"""More bytes than there is room for on the way."""
HEAD = struct.Struct("!BIII")
"""The writer, the number of the message, its length and the seed of its bytes."""

TRANSPORTS = ["tcp", "unix", "TLS 1.2", "TLS 1.3"]
FORMS: list[Callable[[Endpoint, bytes], None]] = []


def form(call: Callable[[Endpoint, bytes], object]) -> None:
    """Adds a way to send, which fails with what is false."""

    def send(endpoint: Endpoint, data: bytes) -> None:
        assert call(endpoint, data) is not False

    FORMS.append(send)


form(lambda endpoint, data: endpoint.send(data))
form(lambda endpoint, data: endpoint.send(data, 0, PATIENCE))
form(lambda endpoint, data: endpoint.try_send(data))
form(lambda endpoint, data: endpoint.send_or_error(memoryview(data), len(data)) == len(data))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@contextlib.contextmanager
def connected(transport: str, authority: Authority) -> Iterator[tuple[Endpoint, Endpoint]]:
    """A writing end with little room, and a reading one."""
    family = socket.AF_UNIX if transport == "unix" else socket.AF_INET
    with contextlib.ExitStack() as stack:
        if transport.startswith("TLS"):
            version = tlspair.TLS_1_2 if transport == "TLS 1.2" else tlspair.TLS_1_3
            a, b = stack.enter_context(
                tlspair.secured(*contexts(authority, version), family=socket.AF_INET)
            )
        else:
            a, b = stack.enter_context(tlspair.ends(family=family))
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
        b.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        yield a, b


def contexts(authority: Authority, version: int) -> tuple[Context, Context]:
    identity = authority.issue()
    return tlspair.context(version=version), tlspair.context(
        cert_file=identity.cert_file, key_file=identity.key_file
    )


def message(writer: int, number: int, chance: random.Random) -> bytes:
    size = min(int(chance.expovariate(1 / 20_000)), LARGEST)
    seed = chance.randrange(2**32)
    return HEAD.pack(writer, number, size, seed) + random.Random(seed).randbytes(size)


@pytest.mark.timeout(110)
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_every_message_is_whole(transport: str, authority: Authority) -> None:
    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number, send in enumerate(islice(cycle(FORMS), writer, writer + MESSAGES)):
            send(end, message(writer, number, chance))

    with connected(transport, authority) as (end, peer):
        writers = [Background(lambda writer=each: write(writer)) for each in range(WRITERS)]  # type: ignore[misc]  # one for each
        arrived: Counter[int] = Counter()
        for _ in range(WRITERS * MESSAGES):
            head = peer.reader.receive(HEAD.size, PATIENCE, 0)
            writer, number, size, seed = HEAD.unpack(head)
            assert number == arrived[writer], "in the order in which the thread has sent them"
            arrived[writer] += 1
            data = peer.reader.receive(size, PATIENCE, 0) if size else b""
            assert data == random.Random(seed).randbytes(size), "mixed with another's"
        for each in writers:
            each.join()
        assert not peer.reader.has_data_buffered()


@contextlib.contextmanager
def blocked(
    transport: str, authority: Authority
) -> Iterator[tuple[Endpoint, Endpoint, Started[None]]]:
    """A writer that waits for room, and has the turn."""
    with connected(transport, authority) as (end, peer):
        yield end, peer, started(lambda: end.send(b"a" * BLOCKING, 0, -1))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_turn_that_does_not_come_in_time(transport: str, authority: Authority) -> None:
    with blocked(transport, authority) as (end, peer, first):
        for timeout in (0, 60):
            with pytest.raises(TimeoutError, match=r"after 0 of 5 bytes were accepted"):
                end.send(b"bbbbb", SAFE_DISCONN, timeout)
        second = started(lambda: end.send(b"ccccc", 0, PATIENCE))
        assert peer.reader.receive(BLOCKING, PATIENCE, 0) == b"a" * BLOCKING
        first.result()
        second.result()
        assert peer.reader.receive(5, PATIENCE, 0) == b"ccccc", "and nothing of what timed out"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_next_follows_the_part_of_one_that_times_out(
    transport: str, authority: Authority
) -> None:
    with connected(transport, authority) as (end, peer):
        first = started(lambda: tlspair.outcome(lambda: end.send(b"a" * BLOCKING, 0, 200)))
        second = started(lambda: end.send(b"b" * 1000, 0, PATIENCE))
        told = first.result()
        assert told.startswith("TimeoutError")
        part = int(told.partition("after ")[2].partition(" ")[0])
        assert 0 < part < BLOCKING
        assert peer.reader.receive(part, PATIENCE, 0) == b"a" * part
        assert peer.reader.receive(1000, PATIENCE, 0) == b"b" * 1000
        second.result()


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_close_ends_those_who_wait_for_their_turn(transport: str, authority: Authority) -> None:
    with blocked(transport, authority) as (end, _peer, first):
        waiting = [started(lambda: end.send(b"bbbbb", 0, each)) for each in (-1, PATIENCE)]  # noqa: B023 - started in here
        end.close()
        for each in (first, *waiting):
            with pytest.raises(
                OSError, match=r"closed .*\(after \d+ of \d+ bytes were acc"
            ) as caught:
                each.result()
            assert caught.value.errno == errno.EBADF


def test_datagrams_of_several_threads() -> None:
    def write(writer: int) -> None:
        for number in range(100):
            end.send_to(host, port, bytes([writer, number]) * 500, PATIENCE)

    with contextlib.closing(udp_endpoint()) as end, contextlib.closing(udp_endpoint()) as peer:
        peer.bind_addr(0, "127.0.0.1")
        host, port = peer.get_local_addr()
        writers = [Background(lambda writer=each: write(writer)) for each in range(4)]  # type: ignore[misc]  # one for each
        for each in writers:
            each.join()
        with contextlib.suppress(TimeoutError):  # the system may have dropped some
            while True:
                data, _, _ = peer.recv_from(2000, 0, 50)
                assert data == data[:2] * 500
