"""Closing: idempotent, wakes whoever waits, and never gives the number away too early."""

import contextlib
import errno
import os
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.builds import pure_only
from harness.loopback import (
    TRANSPORTS,
    Background,
    listening,
    open_descriptors,
    pair,
    silent_server,
    stream_endpoint,
    udp_endpoint,
    until_waiting,
)
from harness.resolver import silent
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.descriptor import Descriptor
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.reader import Reader
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.stream import TlsStream

TIMEOUTS = pytest.mark.parametrize("timeout", [-1, 60_000], ids=["unbounded", "bounded"])


def assert_wakes(endpoint: Endpoint, call: Callable[[], object]) -> None:
    """Closes `endpoint` while `call` waits on it in another thread."""
    number = endpoint.fileno()
    waiting = Background(call)
    until_waiting(waiting)
    endpoint.close()
    with pytest.raises(OSError, match="closed while this call was using it") as caught:
        waiting.join()
    assert caught.value.errno == errno.EBADF
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(number)


@TIMEOUTS
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_close_wakes_receive(transport: str, timeout: int) -> None:
    with pair(transport) as (endpoint, _):
        assert_wakes(endpoint, lambda: endpoint.stream.receive(1, Deadline(timeout)))


@TIMEOUTS
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_close_wakes_send(transport: str, timeout: int) -> None:
    with pair(transport) as (endpoint, _):
        assert_wakes(endpoint, lambda: endpoint.send(bytes(64 << 20), 2, timeout))


@TIMEOUTS
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_close_wakes_accept(transport: str, timeout: int) -> None:
    with listening(transport) as listener:
        copy = listener.dup()
        server = Endpoint.adopt(copy.detach(), listener.family, socket.SOCK_STREAM, 0, True)
        assert_wakes(server, lambda: server.accept(2, timeout))


@TIMEOUTS
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_close_wakes_recv_from(family: int, timeout: int) -> None:
    endpoint = udp_endpoint(family)
    endpoint.bind_addr(0, "")
    assert_wakes(endpoint, lambda: endpoint.recv_from(1, 0, timeout))


@TIMEOUTS
def test_close_wakes_a_datagram_receive(timeout: int) -> None:
    endpoint = udp_endpoint()
    assert_wakes(endpoint, lambda: endpoint.reader.receive(1, timeout, 2))


@TIMEOUTS
@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_close_wakes_connect(transport: str, timeout: int) -> None:
    with silent_server(transport) as (host, port):
        endpoint = stream_endpoint(transport)
        if transport == "unix":
            assert_wakes(endpoint, lambda: endpoint.connect_unix(host, timeout))
        else:
            assert_wakes(endpoint, lambda: endpoint.connect_within(host, port, timeout))


def resolving(endpoint: Endpoint, call: Callable[[], object], count: int = 1) -> list[Background]:
    """Has threads wait for a resolver that does not answer."""
    waiting = endpoint.descriptor._waiting
    calls = [Background(call) for _ in range(count)]
    while len(waiting) < count:
        time.sleep(0.0005)
    return calls


@TIMEOUTS
def test_close_wakes_who_waits_for_the_resolver(timeout: int) -> None:
    with silent() as silence:
        for make, call in (
            (stream_endpoint, lambda e: e.connect_within("a.silent", 80, timeout)),
            (stream_endpoint, lambda e: e.bind_addr(80, "b.silent")),
            (udp_endpoint, lambda e: e.send_to("c.silent", 80, b"x", timeout)),
        ):
            endpoint = make()
            number = endpoint.fileno()
            calls = resolving(endpoint, partial(call, endpoint), count=5)
            endpoint.close()
            for waiting in calls:
                with pytest.raises(OSError, match="closed while this call was using it") as caught:
                    waiting.join()
                assert caught.value.errno == errno.EBADF
            with pytest.raises(OSError, match="Bad file descriptor"):
                os.fstat(number)
            assert not endpoint.descriptor._waiting
        while silence.threads < 3:  # a close may be faster than the thread that asks
            time.sleep(0.0005)
        assert sorted(silence.asked) == ["a.silent", "b.silent", "c.silent"]


def test_close_wakes_who_waits_for_the_resolver_and_who_waits_for_the_socket() -> None:
    with silent():
        endpoint = udp_endpoint()
        endpoint.bind_addr(0, "")
        calls = resolving(endpoint, lambda: endpoint.send_to("a.silent", 80, b"x", -1))
        calls.append(Background(lambda: endpoint.recv_from(1, 0, -1)))
        until_waiting(calls[-1])
        endpoint.close()
        for call in calls:
            with pytest.raises(OSError, match="closed while this call was using it"):
                call.join()


def test_who_has_left_the_resolver_is_woken_no_more() -> None:
    with silent() as silence, contextlib.closing(stream_endpoint()) as endpoint:
        with pytest.raises(TimeoutError, match=r"asking the resolver for 'a\.silent'"):
            endpoint.connect_within("a.silent", 80, 20)
        patient = resolving(endpoint, lambda: endpoint.connect_within("a.silent", 80, -1))
        endpoint.close()
        with pytest.raises(OSError, match="closed while this call was using it"):
            patient[0].join()
        assert silence.asked == ["a.silent"]


def test_close_wakes_a_reader_and_a_writer_at_once() -> None:
    with pair() as (endpoint, _):
        writing = Background(lambda: endpoint.send(bytes(64 << 20), 0, -1))
        reading = Background(lambda: endpoint.stream.receive(1, Deadline(-1)))
        until_waiting(writing)
        until_waiting(reading)
        number = endpoint.fileno()
        endpoint.close()
        for thread in (reading, writing):
            with pytest.raises(OSError, match="closed while this call was using it"):
                thread.join()
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)


@pytest.mark.parametrize("name", ["reading", "writing"])
def test_the_number_is_not_free_while_a_call_is_inside(name: str) -> None:
    """Otherwise a file opened now could get the number that the call still waits on."""
    left, right = socket.socketpair()
    with right:
        descriptor = Descriptor(left)
        number = left.fileno()
        direction = descriptor.reading if name == "reading" else descriptor.writing

        def inside() -> bool:
            descriptor.close()
            descriptor.close()
            os.fstat(number)
            return descriptor.closed

        assert descriptor.exclusively(direction, inside, Deadline(-1))
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(number)


def empty_reads(endpoint: Endpoint) -> list[Callable[[], object]]:
    reader = endpoint.reader
    return [
        lambda: reader.receive(0, -1, 2),
        lambda: reader.receive(0, 100, 2),
        lambda: reader.receive_into(bytearray(), 0, -1, 2),
        lambda: reader.receive_buffer(memoryview(bytearray()), 0, -1),
        lambda: reader.receive_buffer(memoryview(bytearray(1)), 0, 100),
    ]


def test_reading_nothing_needs_an_open_socket() -> None:
    with pair() as (stream, _), contextlib.closing(udp_endpoint()) as udp:
        closed = Endpoint.adopt(-1, socket.AF_INET, socket.SOCK_STREAM, 6, True)
        for endpoint in (stream, udp):
            for read in empty_reads(endpoint):
                assert not read()
            endpoint.close()
        for endpoint in (stream, udp, closed):
            for read in empty_reads(endpoint):
                with pytest.raises(OSError, match="the socket is closed") as caught:
                    read()
                assert caught.value.errno == errno.EBADF
            assert endpoint.reader.receive_or_error(memoryview(bytearray()), 0) == -1
            assert endpoint.get_socket_error() == errno.EBADF


def test_closing_again_and_using_after_close() -> None:
    with pair() as (endpoint, _):
        endpoint.close()
        endpoint.close()
        assert endpoint.closed
        assert endpoint.fileno() == endpoint.get_fd() == -1
        assert endpoint.describe() == "stream AF_INET closed"
        uses: list[Callable[[], object]] = [
            lambda: endpoint.send(b"x", 2, -1),
            lambda: endpoint.send(b"x", 2, 100),
            lambda: endpoint.reader.receive(1, -1, 2),
            lambda: endpoint.reader.receive(1, 100, 2),
            lambda: endpoint.reader.receive_some(1, -1, 2),
            lambda: endpoint.reader.receive_until(b";", -1, 2, 100),
            lambda: endpoint.reader.expect([b";"], -1, 2, 100),
            lambda: endpoint.reader.receive_some_into(memoryview(bytearray(1)), 100, 2),
            lambda: endpoint.reader.recv_line(-1, 2, 100),
            lambda: endpoint.reader.recv_line(100, 2, 100),
            lambda: endpoint.reader.skip(1, -1),
            *empty_reads(endpoint),
            lambda: endpoint.reader.skip(0, -1),
            lambda: endpoint.send(b"", 2, -1),
            lambda: endpoint.connect("127.0.0.1", 1),
            lambda: endpoint.connect_within("127.0.0.1", 1, 100),
            lambda: endpoint.bind_addr(0, ""),
            lambda: endpoint.listen(1),
            lambda: endpoint.accept(2, -1),
            lambda: endpoint.accept(2, 100),
            lambda: endpoint.recv_from(1, 0, -1),
            lambda: endpoint.recv_from(1, 0, 100),
            lambda: endpoint.send_to("127.0.0.1", 1, b"x", -1),
            endpoint.get_local_addr,
            endpoint.get_peer_addr,
            lambda: endpoint.get_sock_opt(4, socket.SOL_SOCKET),
            lambda: endpoint.set_sock_opt(4, True, socket.SOL_SOCKET),
        ]
        for use in uses:
            with pytest.raises(OSError, match="the socket is closed") as caught:
                use()
            assert caught.value.errno == errno.EBADF
        assert not endpoint.try_send(b"x")
        assert endpoint.get_socket_error() == errno.EBADF
        assert endpoint.send_or_error(memoryview(b"x"), 1) == -1
        assert endpoint.reader.receive_or_error(memoryview(bytearray(1)), 1) == -1


def test_an_idle_copy_in_another_process_keeps_its_connection() -> None:
    """A server that forks closes its copy of the connection, and the child its listener."""
    with pair() as (endpoint, peer):
        copy = socket.socket(fileno=os.dup(endpoint.fileno()))
        with copy:
            endpoint.close()
            copy.sendall(b"still connected")
            assert peer.recv(100) == b"still connected"


def test_what_had_arrived_is_gone_with_the_socket() -> None:
    with pair() as (endpoint, peer):
        peer.sendall(b"one\ntwo\n")
        assert endpoint.reader.recv_line(-1, 2, 100) == b"one"
        endpoint.close()
        assert not endpoint.reader.has_data_buffered()
        with pytest.raises(OSError, match="closed"):
            endpoint.reader.recv_line(-1, 2, 100)


def test_adopting_what_is_no_socket_never_raises() -> None:
    before = open_descriptors()
    with contextlib.ExitStack() as stack:
        read, write = os.pipe()
        stack.callback(os.close, read)
        stack.callback(os.close, write)
        for fd in (-1, -5, 2**31, 2**70, 987_654, read):
            endpoint = Endpoint.adopt(fd, socket.AF_INET, socket.SOCK_STREAM, 6, True)
            with pytest.raises(OSError, match=r"closed|socket"):
                endpoint.send(b"x", 2, -1)
            assert "AF_INET" in endpoint.describe()
    assert open_descriptors() <= before


@pytest.mark.timeout(60)
def test_a_reader_whose_socket_is_closed_gets_the_right_lines_or_the_error() -> None:
    """Whatever the two threads do at the same moment; never the end, and nothing out of order."""
    lines = [b"%06d" % number for number in range(3000)]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for delay in range(100):
            ours, peer = socket.socketpair()
            endpoint = Endpoint.adopt(ours.detach(), socket.AF_UNIX, socket.SOCK_STREAM, 0, True)
            with peer:
                peer.sendall(b"\n".join([*lines, b""]))
                reading = Background(partial(read_in_turn, endpoint.reader, lines))
                time.sleep(0.0002 * (delay % 25))
                endpoint.close()
                reading.join()
    finally:
        sys.setswitchinterval(switching)


def read_in_turn(reader: Reader, lines: list[bytes]) -> None:
    ahead, expected = reader.lines(-1, 0, 100), iter(lines)
    try:
        while True:
            assert reader.recv_line(-1, 0, 100) == next(expected)
            assert reader.receive(7, -1, 0) == next(expected) + b"\n"
            assert next(ahead) == next(expected)
            place, line = bytearray(7), bytearray()
            assert reader.receive_buffer(memoryview(place), 7, -1) == 7
            assert place == next(expected) + b"\n"
            reader.read_line(line, -1, 0, 100)
            assert line == next(expected)
    except OSError as error:
        if error.errno != errno.EBADF:
            raise


# The order in which a close becomes visible.


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


@contextlib.contextmanager
def established(kind: str, server: Context) -> Iterator[tuple[Endpoint, Callable[[], object]]]:
    """An endpoint, and a call on it that waits or moves bytes until it is closed."""
    if kind == "listener":
        listener = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
        listener.bind_addr(0, "127.0.0.1")
        listener.listen(1)
        with contextlib.closing(listener):
            yield listener, lambda: listener.accept(0, 60_000)
        return
    made = tlspair.secured(tlspair.context(), server) if "tls" in kind else tlspair.ends()
    with made as (a, b):
        if "reading" in kind:
            b.send(b"x" * 200)
            yield a, lambda: a.reader.receive(1, 60_000, 0)
        else:
            yield a, lambda: a.send(b"x" * 100, 0, 60_000)


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "kind", ["plain-reading", "plain-writing", "tls-reading", "tls-writing", "listener"]
)
def test_who_hears_of_a_close_sees_it(kind: str, tls_server: Context) -> None:
    """Whatever call in whatever thread tells of it: the socket is closed by then, for everybody."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(100):
            with established(kind, tls_server) as (endpoint, call):

                def until_told(endpoint: Endpoint = endpoint, call: object = call) -> object:
                    assert callable(call)
                    try:
                        while True:
                            call()
                    except OSError as error:
                        return (
                            endpoint.closed,
                            endpoint.fileno(),
                            error.errno,
                            "closed" in f"{error}",
                        )

                telling = tlspair.in_thread(until_told)
                endpoint.close()
                assert telling.result(60) == (True, -1, errno.EBADF, True)
    finally:
        sys.setswitchinterval(interval)


@pure_only("it replaces a method; who closes first is tested by the race before")
@pytest.mark.parametrize("call", ["receive", "send", "handshake", "peer", "option"])
def test_a_farewell_is_the_closing_threads_alone(
    call: str, tls_server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it says goodbye the socket is closed for all others, and the goodbye arrives."""
    leave, leaving, go_on = TlsStream._take_leave, threading.Event(), threading.Event()

    def slowly(stream: TlsStream) -> None:
        if stream is a.stream:
            leaving.set()
            assert go_on.wait(20)
        leave(stream)

    with tlspair.secured(tlspair.context(), tls_server) as (a, b):
        monkeypatch.setattr(TlsStream, "_take_leave", slowly)
        closing = Background(a.close)
        assert leaving.wait(20)
        assert a.closed
        assert a.fileno() == -1
        assert "closed" in repr(a)
        calls: dict[str, Callable[[], object]] = {
            "receive": lambda: a.reader.receive(1, 0, 0),
            "send": lambda: a.send(b"x", 0, 0),
            "handshake": lambda: a.handshake(0),
            "peer": a.get_peer_addr,
            "option": lambda: a.get_sock_opt(4, socket.SOL_SOCKET),
        }
        with pytest.raises(OSError, match="the socket is closed") as caught:
            calls[call]()
        assert caught.value.errno == errno.EBADF
        go_on.set()
        closing.join()
        assert b.reader.receive(1, tlspair.PATIENCE, 0) == b""  # close_notify
