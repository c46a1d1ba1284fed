"""Which sockets can be wrapped, and that TLS delivers nothing that was read in the clear."""

from __future__ import annotations

import _socket
import contextlib
import errno
import itertools
import os
import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.builds import pure_only
from harness.interruption import at_least, interrupted
from harness.tlspair import CLIENT, PATIENCE, SERVER
from nimnet_gen.testing.background import started
from nimnet_runtime import connecting
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.linebuffer import LineBuffer
from nimnet_runtime.system import RLock
from nimnet_runtime.tls.context import Context

pytestmark = pytest.mark.timeout(60)
FAMILIES = pytest.mark.parametrize(
    "family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX], ids=["tcp", "tcp6", "unix"]
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


def adopt(sock: socket.socket) -> Endpoint:
    return Endpoint.adopt(sock.detach(), sock.family, socket.SOCK_STREAM, 0, True)


def bound(family: int, folder: Path) -> socket.socket:
    sock = socket.socket(family)
    if family == socket.AF_UNIX:
        sock.bind(os.fsencode(folder / "socket"))
    else:
        sock.bind(("::1" if family == socket.AF_INET6 else "127.0.0.1", 0))
    return sock


def linked(family: int, folder: Path) -> tuple[socket.socket, socket.socket]:
    with bound(family, folder) as listener:
        listener.listen()
        client = socket.socket(family)
        client.connect(listener.getsockname())
        return client, listener.accept()[0]


def reset(sock: socket.socket) -> None:
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def ended(fd: int) -> bool:
    """Waits for what shows that the peer has left."""
    poller = select.poll()
    poller.register(fd, select.POLLRDHUP)
    return bool(poller.poll(20_000))


def test_a_connection_that_its_peer_has_reset(server: Context) -> None:
    """It is no socket that was never connected, however the system answers for it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        endpoint = Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)
        with contextlib.closing(endpoint):
            endpoint.connect_within("127.0.0.1", listener.getsockname()[1], PATIENCE)
            peer, _ = listener.accept()
            peer.sendall(b"read ahead in the clear\n" * 100)
            assert endpoint.reader.recv_line(PATIENCE, 0, 100) == b"read ahead in the clear"
            reset(peer)
            ended(endpoint.descriptor.sock.fileno())
            with pytest.raises(OSError, match="not connected"):
                endpoint.get_peer_addr()
            with pytest.raises(SslError, match="connected already: use wrap_connected_socket"):
                server.wrap_socket(endpoint)
            assert not endpoint.is_ssl()
            assert endpoint.reader.recv_line(PATIENCE, 0, 100) == b"read ahead in the clear"


@FAMILIES
def test_descriptors_that_never_had_a_peer(family: int, server: Context, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    new, named, listening = (
        socket.socket(family),
        bound(family, tmp_path),
        bound(family, other),
    )
    listening.listen()
    refused = socket.socket(family)
    with contextlib.suppress(OSError):
        refused.connect(
            os.fsencode(tmp_path / "missing") if family == socket.AF_UNIX else named.getsockname()
        )
    with socket.socket(family) as waiting:  # one that waits to be accepted is not ours yet
        waiting.connect(listening.getsockname())
        for sock in (new, named, listening, refused):
            endpoint = adopt(sock)
            with contextlib.closing(endpoint):
                server.wrap_socket(endpoint)
                assert endpoint.is_ssl()


@FAMILIES
@pytest.mark.parametrize("end", ["", "clean", "reset", "reset-unread", "reset-told", "both"])
def test_descriptors_that_have_or_had_a_peer(
    family: int, end: str, server: Context, tmp_path: Path
) -> None:
    ours, peer = linked(family, tmp_path)
    if end.startswith("reset"):
        peer.sendall(b"in the clear")
        if end != "reset-unread":
            assert ours.recv(100) == b"in the clear"
        reset(peer)
        ended(ours.fileno())
        if end == "reset-told":
            with contextlib.suppress(OSError):
                ours.recv(1)
    elif end:
        peer.close()
        ended(ours.fileno())
        if end == "both":
            ours.shutdown(socket.SHUT_RDWR)
    endpoint = adopt(ours)
    with peer, contextlib.closing(endpoint):
        with pytest.raises(SslError, match="connected already"):
            server.wrap_socket(endpoint)
        assert not endpoint.is_ssl()


def test_whoever_shares_a_socket_may_connect_it(server: Context) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as sock:
        endpoint = Endpoint.adopt(
            os.dup(sock.fileno()), socket.AF_INET, socket.SOCK_STREAM, 0, True
        )
        sock.connect(listener.getsockname())
        peer, _ = listener.accept()
        peer.sendall(b"x")
        reset(peer)
        ended(sock.fileno())
        with contextlib.closing(endpoint), pytest.raises(SslError, match="connected already"):
            server.wrap_socket(endpoint)


@pytest.mark.parametrize(
    ("way", "call"),
    [
        ("wrap_socket", "accept"),
        ("wrap_connected_socket", "receive"),
        ("wrap_connected_socket", "send"),
    ],
)
def test_wrapping_while_another_thread_is_inside(
    call: str, way: str, server: Context, tmp_path: Path
) -> None:
    """It is refused: what that call takes or gives is in the clear."""
    ours, peer = linked(socket.AF_INET, tmp_path)
    listener = bound(socket.AF_INET, tmp_path)
    listener.listen()
    address = listener.getsockname()
    endpoint = adopt(listener if call == "accept" else ours)
    calls: dict[str, Callable[[], object]] = {
        "receive": lambda: endpoint.reader.receive(5, -1, 0),
        "send": lambda: endpoint.send(bytes(1 << 24), 0, -1),
        "accept": lambda: endpoint.accept(0, -1),
    }
    wraps: dict[str, Callable[[], object]] = {
        "wrap_socket": lambda: server.wrap_socket(endpoint),
        "wrap_connected_socket": lambda: server.wrap_connected_socket(
            endpoint, SERVER, "", PATIENCE
        ),
    }
    with contextlib.closing(endpoint), peer, ours, listener:
        inside = started(calls[call])
        with pytest.raises(OSError, match="another thread is in a call on the socket") as caught:
            wraps[way]()
        assert caught.value.errno == errno.EBUSY
        assert not endpoint.is_ssl()
        if call == "receive":
            peer.sendall(b"plain")
            assert inside.result() == b"plain"
        elif call == "send":
            left = 1 << 24
            while left:
                left -= len(peer.recv(1 << 20))
            inside.result()
        else:
            with socket.create_connection(address):
                accepted = inside.result()
            assert isinstance(accepted, Endpoint)
            assert not accepted.is_ssl()
            accepted.close()


@contextlib.contextmanager
def half_secured(server: Context) -> Iterator[tuple[Endpoint, Endpoint, Callable[[], None]]]:
    """Two plain ends, and what makes TLS ends of them."""
    with tlspair.ends() as (a, b):

        def secure() -> None:
            serving = tlspair.in_thread(
                lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE)
            )
            tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
            serving.result(20)

        yield a, b, secure


def test_an_iterator_of_lines_from_before(server: Context) -> None:
    with half_secured(server) as (a, b, secure):
        lines = a.reader.lines(PATIENCE, 0, 100)
        b.send(b"clear\n" * 40)
        assert [next(lines) for _ in range(40)] == [b"clear"] * 40
        secure()
        assert not a.reader.has_data_buffered()
        b.send(b"protected\n")
        assert next(lines) == b"protected"


@pure_only("it replaces a method; what a stream brings after it is tested on both")
def test_a_read_that_brings_its_bytes_after_the_wrapping(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are the handshake's, which fails; nobody takes them for protected, or for the end."""
    take_in, brought, go_on = LineBuffer.take_in, threading.Event(), threading.Event()

    def late(buffer: LineBuffer) -> bytes:
        if buffer.arrived == [b"clear"] and not brought.is_set():
            brought.set()
            assert go_on.wait(20)
        return take_in(buffer)

    with half_secured(server) as (a, b, secure):
        monkeypatch.setattr(LineBuffer, "take_in", late)
        reading = tlspair.in_thread(lambda: a.reader.receive(100, PATIENCE, 0))
        b.send(b"clear")
        assert brought.wait(20)
        with pytest.raises(SslError):
            secure()
        go_on.set()
        error = reading.exception(20)
        assert isinstance(error, OSError)
        assert error.errno == errno.EBUSY
        assert not a.reader.has_data_buffered()
        with pytest.raises(SslError):
            a.reader.receive(5, PATIENCE, 0)


def test_a_wrapping_that_is_interrupted_keeps_what_was_read_ahead() -> None:
    """As long as the socket is a plain one, it is read as one; then it has its session."""
    wrapped = 0
    for moment in itertools.count(1):
        with tlspair.ends() as (a, b):
            b.send(b"a line\nno handshake")
            assert a.reader.recv_line(PATIENCE, 0, 100) == b"a line"
            wrap = tlspair.context().wrap_connected_socket
            assert interrupted(partial(wrap, a, CLIENT, "localhost", PATIENCE), moment)
            if not a.is_ssl():
                assert a.reader.receive(12, PATIENCE, 0) == b"no handshake", moment
                continue
            wrapped += 1
            with pytest.raises(SslError):
                a.reader.receive(12, PATIENCE, 0)
        if wrapped == 5:
            break
    assert moment > at_least(20)


@pytest.mark.parametrize("timeout", [-1, PATIENCE], ids=["unbounded", "bounded"])
@pytest.mark.parametrize("into", [False, True], ids=["receive", "receive-into"])
def test_a_read_whose_turn_comes_after_the_wrapping(into: bool, timeout: int) -> None:
    """It has looked up how to read before, and takes nothing that belongs to the handshake."""
    queued = threading.Event()

    class Queue(RLock):  # type: ignore[misc]  # final to types alone
        def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
            if blocking:
                queued.set()
            return super().acquire(blocking, timeout)

    with tlspair.ends() as (a, b):
        a.descriptor.reading.lock = Queue()
        b.send(b"hello")
        plain, place = a.stream, memoryview(bytearray(5))
        with a.descriptor.reading.lock:
            reading = tlspair.in_thread(
                lambda: (
                    plain.receive_into(place, [], Deadline(timeout))
                    if into
                    else plain.receive(5, Deadline(timeout))
                )
            )
            assert queued.wait(20)
            plain.retire()
        error = reading.exception(20)
        assert isinstance(error, OSError)
        assert error.errno == errno.EBUSY
        assert a.descriptor.sock.recv(100) == b"hello"


def test_a_plain_stream_moves_nothing_after_the_wrapping(server: Context) -> None:
    """Nor for a call that has looked it up before."""
    with half_secured(server) as (a, b, secure):
        plain = a.stream
        secure()
        b.send(b"protected")
        calls: list[Callable[[], object]] = [
            lambda: plain.receive(1, Deadline(PATIENCE)),
            lambda: plain.peek(1, Deadline(PATIENCE)),
            lambda: plain.receive_into(memoryview(bytearray(1)), [], Deadline(PATIENCE)),
            lambda: plain.send(memoryview(b"in the clear"), Deadline(PATIENCE)),
        ]
        for call in calls:
            with pytest.raises(OSError, match="has become a TLS socket") as caught:
                call()
            assert caught.value.errno == errno.EBUSY
        assert a.reader.receive(9, PATIENCE, 0) == b"protected"
        a.send(b"answer")
        assert b.reader.receive(6, PATIENCE, 0) == b"answer"


def assert_busy(error: BaseException | None) -> None:
    assert isinstance(error, OSError)
    assert error.errno == errno.EBUSY


def test_a_message_whose_host_is_looked_up_while_the_socket_is_wrapped(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would go out in the clear, between two records."""
    asked, go_on = threading.Event(), threading.Event()

    asked_before = _socket.getaddrinfo

    def ask(host: bytes, *rest: object) -> object:
        if host != b"name.test":
            return asked_before(host, *rest)  # type: ignore[arg-type]  # whatever it was given
        asked.set()
        assert go_on.wait(20)
        return [(socket.AF_INET, socket.SOCK_DGRAM, 17, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(_socket, "getaddrinfo", ask)
    with tlspair.ends(family=socket.AF_INET) as (a, b):
        sending = tlspair.in_thread(lambda: a.send_to("name.test", 9, b"clear", PATIENCE))
        assert asked.wait(20)
        serving = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)
        serving.result(20)
        go_on.set()
        assert_busy(sending.exception(20))
        a.send(b"protected")
        assert b.reader.receive(9, PATIENCE, 0) == b"protected"


def test_a_message_that_is_to_be_received_as_the_socket_is_wrapped(server: Context) -> None:
    """It would be a part of the session's ciphertext."""
    with half_secured(server) as (a, b, secure):
        mailbox = a.mailbox
        secure()
        b.send(b"protected")
        with pytest.raises(OSError, match="has become a TLS socket") as caught:
            mailbox.next(100, 0, Deadline(PATIENCE))
        assert_busy(caught.value)
        assert a.reader.receive(9, PATIENCE, 0) == b"protected"


@pure_only("it replaces a function; the retired stream is tested on both")
def test_a_connection_that_is_to_begin_as_the_socket_is_wrapped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would be one of a TLS socket, and without a session for good."""
    connect = connecting.connect_to_path
    end = Endpoint.create(socket.AF_UNIX, socket.SOCK_STREAM, 0, True)

    def late(*arguments: object) -> None:
        tlspair.context().wrap_socket(end)
        connect(*arguments)  # type: ignore[arg-type]  # whatever the caller passes

    with bound(socket.AF_UNIX, tmp_path) as listener, contextlib.closing(end):
        listener.listen()
        monkeypatch.setattr(connecting, "connect_to_path", late)
        with pytest.raises(OSError, match="has become a TLS socket") as caught:
            end.connect_unix(str(tmp_path / "socket"), PATIENCE)
        assert_busy(caught.value)
        assert not end.descriptor.had_a_peer()
