"""Plain streams: exact sends, reads under a deadline, latched ends."""

import ctypes
import errno
import os
import socket
import struct
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from harness.loopback import (
    TRANSPORTS,
    Background,
    listening,
    pair,
    refused_port,
    stream_endpoint,
    until_waiting,
)
from nimnet_runtime.deadline import UNBOUNDED, Deadline
from nimnet_runtime.dialing import dial
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SAFE_DISCONN, TimeoutError

DEADLINES = pytest.mark.parametrize("timeout", [-1, 5000], ids=["unbounded", "bounded"])
RESET = struct.pack("ii", 1, 0)
"""SO_LINGER with no time: closing sends a reset."""


def in_lock(thread: Background) -> bool:
    """Tells whether the thread waits for a lock."""
    return "futex" in Path(f"/proc/self/task/{thread.native_id}/wchan").read_text()


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
        counts: list[int] = []
        endpoint.stream.receive_into(memoryview(room), counts, Deadline(timeout))
        assert room == b"abc\0\0"
        peer.close()
        endpoint.stream.receive_into(memoryview(room), counts, Deadline(timeout))
        assert counts == [3, 0]


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
        endpoint.send(memoryview((ctypes.c_char * 0 * 3)()), 0, timeout)
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
        memoryview((ctypes.c_uint16 * 2)(1, 2)),
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
    endpoint = stream_endpoint()
    with pytest.raises(OSError, match="not connected") as caught:
        endpoint.stream.receive(1, UNBOUNDED)
    assert caught.value.errno == errno.ENOTCONN
    with listening() as listener:
        host, port = listener.getsockname()
        endpoint.connect_within(host, port, 5000)
        peer, _ = listener.accept()
        with peer:
            peer.sendall(b"x")
            assert endpoint.stream.receive(1, UNBOUNDED) == b"x"
    endpoint.close()


@pytest.mark.parametrize("flags", [0, SAFE_DISCONN])
@pytest.mark.parametrize("kind", ["new", "unix", "bound", "listening", "refused", "adopted"])
def test_a_send_without_a_peer_is_no_disconnection(kind: str, flags: int) -> None:
    with closing(stream_endpoint("unix" if kind == "unix" else "tcp")) as endpoint:
        if kind in ("bound", "listening"):
            endpoint.bind_addr(0, "127.0.0.1")
        if kind == "listening":
            endpoint.listen(1)
        if kind == "refused":
            with pytest.raises(ConnectionRefusedError):
                endpoint.connect("127.0.0.1", refused_port())
        if kind == "adopted":
            endpoint.close()
            endpoint = Endpoint.adopt(socket.socket().detach(), 2, socket.SOCK_STREAM, 6, True)
        with closing(endpoint):
            for timeout in (-1, 5000):
                with pytest.raises(OSError, match="not connected") as caught:
                    endpoint.send(b"x", flags, timeout)
                assert caught.value.errno == errno.ENOTCONN
            assert not endpoint.try_send(b"x")
            assert endpoint.get_socket_error() == errno.ENOTCONN
            endpoint.reader.last_error = 0
            assert endpoint.send_or_error(memoryview(b"x"), 1) == -1
            assert endpoint.get_socket_error() == errno.ENOTCONN


def reach(origin: str, listener: socket.socket) -> tuple[Endpoint, socket.socket]:
    """Returns an endpoint that was connected in one of several ways, and its peer."""
    host, port = listener.getsockname()
    if origin == "accepted":
        server = Endpoint.adopt(os.dup(listener.fileno()), 2, socket.SOCK_STREAM, 6, True)
        peer = socket.create_connection((host, port))
        with closing(server):
            return server.accept(0, 5000), peer
    if origin == "dialed":
        endpoint = dial(host, port, socket.IPPROTO_TCP, True, 5000)
    else:
        endpoint = stream_endpoint()
        endpoint.connect(host, port)
    return endpoint, listener.accept()[0]


@pytest.mark.parametrize("origin", ["connected", "accepted", "dialed", "adopted"])
def test_a_send_to_a_peer_that_was_there_is_a_disconnection(origin: str) -> None:
    with listening() as listener, ExitStack() as stack:
        endpoint, peer = reach(origin, listener)
        stack.callback(endpoint.close)
        reset(peer)
        if origin == "adopted":  # after the system has reported the reset
            endpoint.send(b"x", SAFE_DISCONN, -1)
            copy = os.dup(endpoint.fileno())
            endpoint = Endpoint.adopt(copy, 2, socket.SOCK_STREAM, 6, True)
            stack.callback(endpoint.close)
        for _ in range(3):
            endpoint.send(b"x", SAFE_DISCONN, -1)
        with pytest.raises(BrokenPipeError):
            endpoint.send(b"x", 0, -1)


def test_a_peer_that_somebody_else_connected_to_is_a_peer() -> None:
    with listening() as listener, closing(stream_endpoint()) as endpoint:
        endpoint.descriptor.sock.connect(listener.getsockname())
        endpoint.descriptor.sock.shutdown(socket.SHUT_WR)
        with pytest.raises(BrokenPipeError):
            endpoint.send(b"x", 0, -1)


@DEADLINES
def test_a_read_at_the_end_keeps_the_turn_of_the_call_it_interrupts(timeout: int) -> None:
    """As when a signal handler reads after the interrupted call has seen the end."""
    with pair() as (endpoint, peer):
        peer.close()
        assert endpoint.stream.receive(1, UNBOUNDED) == b""
        lock = endpoint.descriptor.reading.lock

        def interrupted() -> object:
            assert endpoint.stream.receive(1, Deadline(timeout)) == b""
            return Background(lambda: lock.acquire(False)).join()

        descriptor = endpoint.descriptor
        assert descriptor.exclusively(descriptor.reading, interrupted, UNBOUNDED) is False


@pytest.mark.parametrize("timeout", [-1, 20_000])
def test_a_send_waits_for_the_send_of_another_thread(timeout: int) -> None:
    """The peer reads nothing until the second send has to wait for its turn."""
    data = os.urandom(8 << 20)
    with pair() as (endpoint, peer):
        first = Background(lambda: endpoint.send(data, 0, timeout))
        until_waiting(first)
        with pytest.raises(TimeoutError):
            endpoint.send(b"late", 0, 10)
        second = Background(lambda: endpoint.send(b"after", 0, timeout))
        while not second.ended() and not in_lock(second):
            time.sleep(0.001)
        assert not second.ended()
        received = bytearray()
        while len(received) < len(data) + 5:
            received += peer.recv(1 << 20)
        first.join()
        second.join()
        assert received == data + b"after"


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
