"""Datagrams between nimnet and socat, each way round."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from harness.programs import find, run
from harness.socat import LARGEST, udp_echo, udp_recorder
from nimnet import AF_INET, IPPROTO_UDP, SOCK_DGRAM, Port, Socket, dial, new_socket

PATIENCE = 20_000
SIZES = [1, 2, 511, 1472, 1473, 8192, 8193, 32_768, 60_000]


@pytest.fixture
def echo(tmp_path: Path) -> Iterator[Port]:
    """The port of a socat that sends every datagram back."""
    with udp_echo(tmp_path) as port:
        yield Port(port)


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def sock(request: pytest.FixtureRequest) -> Iterator[Socket]:
    with new_socket(AF_INET, SOCK_DGRAM, IPPROTO_UDP, bool(request.param)) as opened:
        yield opened


def test_every_size_comes_back_with_its_sender(echo: Port, sock: Socket) -> None:
    for size in SIZES:
        data = random.Random(size).randbytes(size)
        sock.send_to("127.0.0.1", echo, data, timeout=PATIENCE)
        assert sock.recv_from(65_536, timeout=PATIENCE) == (data, "127.0.0.1", echo)


def test_send_to_a_name(echo: Port, sock: Socket) -> None:
    sock.send_to("localhost", echo, b"by name", timeout=PATIENCE)
    assert sock.recv_from(100, timeout=PATIENCE) == (b"by name", "127.0.0.1", echo)


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_connected_exchange(echo: Port, buffered: bool) -> None:
    with dial("127.0.0.1", echo, IPPROTO_UDP, buffered, timeout=PATIENCE) as sock:
        assert sock.get_peer_addr() == ("127.0.0.1", echo)
        for size in SIZES:
            data = random.Random(size).randbytes(size)
            sock.send(data, timeout=PATIENCE)
            assert sock.recv(65_536, PATIENCE) == data


def test_empty_datagram_to_socat(tmp_path: Path, sock: Socket) -> None:
    record = tmp_path / "record"
    with udp_recorder(tmp_path, record) as (program, port):
        sock.send_to("127.0.0.1", Port(port), b"full", timeout=PATIENCE)
        sock.send_to("127.0.0.1", Port(port), b"", timeout=PATIENCE)
        assert program.process.wait(PATIENCE / 1000) == 0, program.output()
    assert record.read_bytes() == b"full"


def test_socat_asks_and_nimnet_answers(sock: Socket) -> None:
    """socat closes with an empty datagram, which is a datagram here and no end of anything."""
    socat = find("socat")
    sock.bind_addr(Port(0), "127.0.0.1")
    host, port = sock.get_local_addr()
    question = random.Random("question").randbytes(40_000)
    received: list[bytes] = []

    def serve() -> None:
        while not received or received[-1]:
            data, address, source = sock.recv_from(65_536, timeout=PATIENCE)
            received.append(data)
            sock.send_to(address, source, data[::-1], timeout=PATIENCE)

    with ThreadPoolExecutor() as pool:
        served = pool.submit(serve)
        target = f"UDP4:{host}:{port},shut-null,null-eof"
        answer = run([socat, "-b", str(LARGEST), "-t", "20", "-", target], data=question)
        served.result(PATIENCE / 1000)
    assert received == [question, b""]
    assert answer == question[::-1]
