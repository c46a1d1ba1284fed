"""TLS: what one thread's call makes of another one's, on the same connection."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import wait

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.builds import pure_only
from harness.tlspair import PATIENCE, SERVER
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError
from nimnet_runtime.tls import pump, session
from nimnet_runtime.tls.context import Context
from nimnet_runtime.tls.pump import Pump
from nimnet_runtime.tls.stream import TlsStream

SOON = 20
"""Seconds."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Context:
    identity = Authority(tmp_path_factory.mktemp("authority")).issue()
    return tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)


def stream_of(endpoint: Endpoint) -> TlsStream:
    assert isinstance(endpoint.stream, TlsStream)
    return endpoint.stream


@contextlib.contextmanager
def inside_openssl(endpoint: Endpoint) -> Iterator[threading.Event]:
    """Another thread that has the session until the event is set."""
    lock, taken, done = stream_of(endpoint)._session.lock, threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            taken.set()
            done.wait(SOON)

    holding = tlspair.in_thread(hold)
    assert taken.wait(SOON)
    try:
        yield done
    finally:
        done.set()
        holding.result(SOON)


@pytest.mark.parametrize("buffered", [True, False])
def test_no_timeout_is_too_short_for_what_is_there(
    server: Context, buffered: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody inside OpenSSL is waited for, whatever the timeout, as long as that is short."""
    for room in (pump, session):
        monkeypatch.setattr(room, "PATIENCE", SOON)
    with tlspair.secured(tlspair.context(), server, buffered=buffered) as (a, b):
        b.send(b"x" * 100)
        for call in (lambda: a.reader.receive(100, 0, 0), lambda: a.send(b"y", 0, 0)):
            with inside_openssl(a) as done:
                later = threading.Timer(0.05, done.set)
                later.start()
                call()
                later.join()
        assert b.reader.receive(1, PATIENCE, 0) == b"y"


@pure_only("it replaces a method: nothing else makes the moment that it is about")
@pytest.mark.parametrize("timeout", [-1, PATIENCE])
def test_a_failed_send_says_why(
    server: Context, timeout: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a thread inside OpenSSL keeps it from looking for an alert."""
    look = TlsStream._look_for_alert
    with tlspair.secured(tlspair.context(), server) as (a, b):
        b.descriptor.close()

        def not_alone(stream: TlsStream) -> None:
            with inside_openssl(a):
                look(stream)

        monkeypatch.setattr(TlsStream, "_look_for_alert", not_alone)
        with pytest.raises(BrokenPipeError, match="bytes were accepted"):
            a.send(b"x", 0, timeout)
        a.send(b"x", 2, timeout)  # SAFE_DISCONN


@pure_only("it replaces a method; both directions at once are tested before this")
@pytest.mark.timeout(60)
def test_a_reader_does_not_wait_for_a_writer_after_the_handshake(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They begin it together, and the peer takes nothing before it has written all of its data."""
    much = bytes(3_000_000)
    flush, begin = Pump.flush, threading.Event()

    def late(pump: Pump, deadline: Deadline) -> None:
        if pump is stream._pump and stream._session.established and not begin.is_set():
            begin.set()
            wait([writing], 0.3)  # it does not end, but may begin
        flush(pump, deadline)

    def write() -> None:
        assert begin.wait(SOON)
        a.send(much)

    def serve() -> bytes:
        server.wrap_connected_socket(b, SERVER, "", PATIENCE)
        b.send(much)
        return b.reader.receive(len(much), PATIENCE, 0)

    with tlspair.ends() as (a, b):
        client = tlspair.context(version=tlspair.TLS_1_3)
        stream = TlsStream(a.descriptor, client, server=False, hostname="localhost")
        a.secure(client, stream)
        monkeypatch.setattr(Pump, "flush", late)
        serving, writing = tlspair.in_thread(serve), tlspair.in_thread(write)
        assert a.reader.receive(len(much), SOON * 1000, 0) == much
        assert serving.result(SOON) == much
        writing.result(SOON)


@pure_only(
    "it replaces a method; that tickets are held back is tested on both in test_tls_resumption"
)
def test_tickets_stay_held_back_beside_another_threads_read(
    server: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its call into OpenSSL leaves it unknown how much is queued: that is asked for, not sent."""
    let_in = Pump.let_in

    def beside_another(pump: Pump, seen: int, deadline: Deadline) -> None:
        pump._machine.unsent = None
        let_in(pump, seen, deadline)

    monkeypatch.setattr(server, "session_id_context", "x")
    client = tlspair.context(version=tlspair.TLS_1_3)
    with tlspair.secured(client, server) as (a, b):
        queue = stream_of(b)._pump
        assert queue.held
        monkeypatch.setattr(Pump, "let_in", beside_another)
        with pytest.raises(TimeoutError):
            b.reader.receive(1, 50, 0)
        assert queue.held == queue.queued(Deadline(0))
        with pytest.raises(BlockingIOError):
            a.descriptor.sock.recv(1, socket.MSG_DONTWAIT)
        queue.flush(Deadline(0))
        assert not queue.held
        assert not queue.owes()
