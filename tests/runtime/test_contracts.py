"""What fault injection has found, each once and by name; `tests/injection` looks at all of it."""

from __future__ import annotations

import errno
import gc
import socket
import weakref
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from harness.credentials import files
from harness.loopback import pair, udp_endpoint
from harness.tlspair import CLIENT, context, ends, secured
from harness.tracebacks import views_in_use
from nimnet_runtime import system
from nimnet_runtime.deadline import NOW
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SslError
from nimnet_runtime.tls import live, machine
from nimnet_runtime.tls.bindings import library
from OpenSSL import SSL


@contextmanager
def _no_cycles() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def test_a_lock_for_which_there_is_no_memory_is_a_memory_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory() -> object:
        raise RuntimeError("can't allocate lock")

    own: Any = system
    monkeypatch.setattr(own._thread, "allocate_lock", no_memory)
    with pytest.raises(MemoryError):
        system.Lock()


def test_openssl_without_memory_for_a_connection_is_an_error_and_no_crash(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class WithoutMemory(live.LiveConnection):
        def __init__(self, *args: Any) -> None:
            super().__init__(*args)
            self._ssl = library.ffi.NULL

    monkeypatch.setattr(live, "LiveConnection", WithoutMemory)
    with ends() as (a, _), pytest.raises(SslError, match="OpenSSL cannot begin a session"):
        context().wrap_connected_socket(a, CLIENT, "localhost", 1000)


def test_ciphertext_that_openssl_keeps_is_no_memory_of_others_on_the_wire(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with ends() as (a, b):
        monkeypatch.setattr(machine, "bio_read", lambda *_args: -1)
        with pytest.raises(OSError, match="does not give away") as caught:
            context().wrap_connected_socket(a, CLIENT, "localhost", 1000)
        assert caught.value.errno == errno.EIO
        assert b.stream.waiting(NOW) == 0
    assert not views_in_use(caught.value)


def test_a_certificate_for_which_there_is_no_memory_is_a_memory_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_memory(*_args: object) -> bytes:
        raise SSL.Error([])

    mine = files().servers["valid"]
    server = context(cert_file=mine.cert_file, key_file=mine.key_file)
    with secured(context(), server) as (a, _):
        monkeypatch.setattr(machine, "dump_certificate", no_memory)
        with pytest.raises(MemoryError):
            a.stream.protection.get_unverified_certificate()


def test_a_send_to_that_fails_keeps_nothing() -> None:
    with _no_cycles():
        sock = udp_endpoint()
        watched = weakref.ref(sock.descriptor.reading.lock)  # which nothing else has
        with closing(sock), pytest.raises(OSError, match="send to"):
            sock.send_to("127.0.0.1", 9, bytes(1 << 17), 1000)
        del sock
        assert watched() is None


@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_an_error_of_the_system_says_what_was_done(transport: str) -> None:
    with pair(transport) as (endpoint, _):
        endpoint.descriptor.sock.shutdown(socket.SHUT_WR)
        with pytest.raises(BrokenPipeError, match="send"):
            endpoint.send(b"x", 0, 1000)


def test_an_error_of_a_read_says_what_was_done() -> None:
    with closing(Endpoint.create(socket.AF_INET, socket.SOCK_STREAM, 0, True)) as endpoint:
        with pytest.raises(OSError, match="receive") as caught:
            endpoint.reader.receive(1, 1000, 0)
        assert caught.value.errno == errno.ENOTCONN
