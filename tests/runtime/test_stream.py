"""Plain streams: exact sends, reads under a deadline, latched ends."""

import errno
import os
import socket
import struct
import time

import pytest
from harness.loopback import TRANSPORTS, Background, pair
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.errors import SAFE_DISCONN, TimeoutError

DEADLINES = pytest.mark.parametrize("timeout", [-1, 5000], ids=["unbounded", "bounded"])
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset."""


def reset(peer: socket.socket) -> None:
    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
    peer.close()


@DEADLINES
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_both_ways(transport: str, timeout: int) -> None:
    with pair(transport) as (endpoint, peer):
        endpoint.send(b"question", 0, timeout)
        assert peer.recv(100) == b"question"
        peer.sendall(b"answer")
        assert endpoint.stream.receive(100, Deadline(timeout)) == b"answer"


@DEADLINES
def test_peek_leaves_the_bytes(timeout: int) -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"abc")
        assert endpoint.stream.peek(2, Deadline(timeout)) == b"ab"
        assert endpoint.stream.receive(3, Deadline(timeout)) == b"abc"


@DEADLINES
def test_receive_into(timeout: int) -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"abc")
        room = bytearray(5)
        assert endpoint.stream.receive_into(memoryview(room), Deadline(timeout)) == 3
        assert room == b"abc\0\0"
        peer.close()
        assert endpoint.stream.receive_into(memoryview(room), Deadline(timeout)) == 0


@DEADLINES
def test_a_huge_size_allocates_nothing_huge(timeout: int) -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"abc")
        assert endpoint.stream.peek(2**62, Deadline(timeout)) == b"abc"
        assert endpoint.stream.receive(2**62, Deadline(timeout)) == b"abc"


@DEADLINES
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_the_end_stays(transport: str, timeout: int) -> None:
    with pair(transport) as (endpoint, peer):
        peer.sendall(b"last")
        peer.shutdown(socket.SHUT_WR)
        deadline = Deadline(timeout)
        assert endpoint.stream.receive(100, deadline) == b"last"
        for _ in range(2):
            assert endpoint.stream.receive(100, deadline) == b""
            assert endpoint.stream.peek(100, deadline) == b""
        endpoint.send(b"still open this way", 0, timeout)
        assert peer.recv(100) == b"still open this way"


@DEADLINES
def test_a_reset_stays(timeout: int) -> None:
    with pair() as (endpoint, peer):
        reset(peer)
        for _ in range(3):
            with pytest.raises(ConnectionResetError):
                endpoint.stream.receive(1, Deadline(timeout))


@DEADLINES
def test_a_reset_that_a_send_hears_of_is_no_end_to_the_reader(timeout: int) -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"before")
        reset(peer)
        with pytest.raises(ConnectionResetError, match="after 0 of 1 bytes were accepted"):
            endpoint.send(b"x", 0, timeout)
        assert endpoint.stream.receive(100, Deadline(timeout)) == b"before"
        for _ in range(2):
            with pytest.raises(ConnectionResetError):
                endpoint.stream.receive(100, Deadline(timeout))


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_timeout_is_no_end(transport: str) -> None:
    with pair(transport) as (endpoint, peer):
        for timeout in (0, 20):
            with pytest.raises(TimeoutError):
                endpoint.stream.receive(1, Deadline(timeout))
        peer.sendall(b"x")
        assert endpoint.stream.receive(1, Deadline(5000)) == b"x"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_large_send_arrives_once_and_in_order(transport: str) -> None:
    data = os.urandom(1 << 20) * 8
    for timeout in (-1, 20_000):
        with pair(transport) as (endpoint, peer):

            def drain(peer: socket.socket = peer) -> bytes:
                arrived = bytearray()
                while part := peer.recv(100_000):
                    arrived += part
                return bytes(arrived)

            received = Background(drain)
            endpoint.send(data, 0, timeout)
            endpoint.close()
            assert received.join() == data


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_send_that_times_out_says_how_much_was_accepted(transport: str) -> None:
    data = bytes(32 << 20)
    with pair(transport) as (endpoint, peer):
        with pytest.raises(TimeoutError, match=r"after \d+ of 33554432 bytes") as caught:
            endpoint.send(data, SAFE_DISCONN, 50)
        accepted = int(str(caught.value).split("after ")[1].split()[0])
        assert 0 < accepted < len(data)
        endpoint.close()
        arrived = 0
        while part := peer.recv(1 << 20):
            arrived += len(part)
        assert arrived == accepted


@DEADLINES
def test_safe_disconn_swallows_a_disconnection_in_send(timeout: int) -> None:
    with pair() as (endpoint, peer):
        reset(peer)
        for _ in range(3):
            endpoint.send(b"x", SAFE_DISCONN, timeout)
        with pytest.raises(BrokenPipeError, match="0 of 1 bytes"):
            endpoint.send(b"x", 0, timeout)


@DEADLINES
def test_an_empty_send_is_harmless(timeout: int) -> None:
    with pair() as (endpoint, peer):
        endpoint.send(b"", 0, timeout)
        endpoint.send(b"x", 0, timeout)
        assert peer.recv(10) == b"x"
        endpoint.close()
        with pytest.raises(OSError, match="closed"):
            endpoint.send(b"", 0, timeout)


@pytest.mark.parametrize(
    "data",
    [
        bytearray(b"\1\0\2\0"),
        memoryview(b"\1\0\2\0"),
        memoryview(b"\1\0\2\0").cast("H"),
        memoryview(b"\1\0\2\0").cast("B", (2, 2)),
        memoryview(b"\1x\0x\2x\0x")[::2],
    ],
)
def test_any_buffer_is_sent_as_its_bytes(data: bytearray | memoryview) -> None:
    with pair() as (endpoint, peer):
        endpoint.send(data, 0, -1)
        endpoint.close()
        assert peer.recv(100) == b"\1\0\2\0"


@DEADLINES
def test_somebody_elses_non_blocking_descriptor(timeout: int) -> None:
    with pair() as (endpoint, peer):
        os.set_blocking(endpoint.fileno(), False)
        reading = Background(lambda: endpoint.stream.receive(10, Deadline(timeout)))
        writing = Background(
            lambda: endpoint.send(bytes(16 << 20), 0, 4 * timeout if timeout > 0 else -1)
        )
        time.sleep(0.05)
        peer.sendall(b"late")
        assert reading.join() == b"late"
        left = 16 << 20
        while left:
            left -= len(peer.recv(1 << 20))
        writing.join()
        assert not os.get_blocking(endpoint.fileno())


def test_not_connected() -> None:
    from harness.loopback import listening, stream_endpoint

    endpoint = stream_endpoint()
    with pytest.raises(OSError, match="not connected") as caught:
        endpoint.stream.receive(1, UNBOUNDED)
    assert caught.value.errno == errno.ENOTCONN
    with pytest.raises(OSError, match="after 0 of 1 bytes"):
        endpoint.send(b"x", 0, -1)
    with listening() as listener:
        host, port = listener.getsockname()
        endpoint.connect_within(host, port, 5000)
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"x")
            assert endpoint.stream.receive(1, UNBOUNDED) == b"x"
    endpoint.close()


def test_one_reader_and_one_writer() -> None:
    """An echoing peer keeps both directions full, far beyond what the system buffers."""
    data = os.urandom(1 << 16)
    rounds = 200
    with pair() as (endpoint, peer):

        def echo() -> None:
            while part := peer.recv(1 << 16):
                peer.sendall(part)
            peer.shutdown(socket.SHUT_WR)

        def read() -> int:
            count = 0
            while count < rounds * len(data):
                part = endpoint.stream.receive(1 << 16, Deadline(20_000))
                for offset in range(0, len(part), 4096):
                    place = (count + offset) % len(data)
                    expected = (data + data)[place : place + 16]
                    assert part[offset : offset + 16] == expected[: len(part) - offset]
                count += len(part)
            return count

        def write() -> None:
            for _ in range(rounds):
                endpoint.send(data, 0, 20_000)

        threads = [Background(echo), Background(read), Background(write)]
        assert threads[1].join() == rounds * len(data)
        threads[2].join()
        endpoint.close()
        threads[0].join()
