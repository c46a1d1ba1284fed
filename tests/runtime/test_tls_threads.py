"""TLS: what one thread's call makes of another one's, on the same connection."""

import contextlib
import threading
from collections.abc import Iterator

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.tlspair import PATIENCE
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.tls import pump as tls_pump
from nimnet_runtime.tls import stream as tls_stream
from nimnet_runtime.tls.context import Context
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
    lock, taken, done = stream_of(endpoint)._lock, threading.Event(), threading.Event()

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
    for room in (tls_pump, tls_stream):
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
