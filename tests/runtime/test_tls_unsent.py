"""TLS: what found no room when it was made is sent by later calls, whichever they are."""

import contextlib
import errno
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from harness import tlspair
from harness.authority import Authority
from harness.tlspair import CLIENT, PATIENCE, SERVER
from nimnet_runtime.deadline import Deadline
from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import SAFE_DISCONN, SslError, TimeoutError
from nimnet_runtime.tls.stream import TlsStream

SOON = 5
"""Seconds."""


@pytest.mark.timeout(60)
@pytest.mark.parametrize("version", tlspair.VERSIONS, ids=["tls12", "tls13"])
@pytest.mark.parametrize("then", ["handshake", "receive", "send"])
def test_the_last_flight_of_a_handshake(version: int, then: str, tmp_path: Path) -> None:
    """A chain of certificates is longer than the room, and the server reads late."""
    authority = Authority(tmp_path)
    identity = authority.issue()
    chain = tmp_path / "chain.pem"
    chain.write_text(
        Path(identity.cert_file).read_text() + Path(authority.ca_file).read_text() * 40
    )
    server, client = (
        tlspair.context(
            verify=tlspair.PEER,
            ca_file=authority.ca_file,
            cert_file=cert_file,
            key_file=identity.key_file,
            version=version,
        )
        for cert_file in (identity.cert_file, str(chain))
    )
    with tlspair.ends() as (a, b):
        a.descriptor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2048)
        flights: list[Callable[[], None]] = [
            lambda: client.wrap_connected_socket(a, CLIENT, "localhost", 0),
            lambda: server.wrap_connected_socket(b, SERVER, "", 0),
            lambda: a.handshake(0),
        ]
        for flight in flights:
            with pytest.raises(TimeoutError):
                flight()

        def serve() -> None:
            b.handshake(SOON * 1000)
            b.send(b"s")

        serving = tlspair.in_thread(serve)
        calls: dict[str, Callable[[], object]] = {
            "handshake": lambda: a.handshake(PATIENCE),
            "receive": lambda: a.stream.peek(1, Deadline(SOON * 1000)),
            "send": lambda: a.send(b"c", 0, PATIENCE),
        }
        calls[then]()
        serving.result(SOON * 2)
        assert a.reader.receive(1, PATIENCE, 0) == b"s"


@pytest.mark.timeout(60)
def test_the_rest_of_a_send_goes_out_with_reads(tmp_path: Path) -> None:
    identity = Authority(tmp_path).issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    with tlspair.secured(tlspair.context(), server) as (a, b):
        with pytest.raises(TimeoutError):
            a.send(bytes(1 << 24), 0, 100)
        assert unsent(a)
        while unsent(a):
            with contextlib.suppress(TimeoutError):
                while b.stream.receive(1 << 16, Deadline(0)):
                    pass
            before = unsent(a)
            b.send(b"x")
            assert a.stream.receive(1, Deadline(PATIENCE)) == b"x"
            assert unsent(a) < before


@pytest.mark.timeout(20)
@pytest.mark.parametrize("timeout", [-1, 4000], ids=["unbounded", "bounded"])
@pytest.mark.parametrize("call", ["wrap", "handshake", "send"])
def test_a_handshake_that_cannot_send_says_so(call: str, timeout: int) -> None:
    """The peer reads no more, and sends nothing: what failed is no matter of time."""
    client = tlspair.context()
    with tlspair.ends() as (a, b):
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        if call != "wrap":
            a.secure(client, client.client_stream(a.descriptor, "localhost"))
        calls: dict[str, Callable[[], object]] = {
            "wrap": lambda: client.wrap_connected_socket(a, CLIENT, "localhost", timeout),
            "handshake": lambda: a.handshake(timeout),
            "send": lambda: a.send(b"x", 0, timeout),
        }
        begin = time.monotonic()
        for again in (calls[call], lambda: a.handshake(timeout)):
            with pytest.raises(BrokenPipeError) as caught:
                again()
            assert caught.value.errno == errno.EPIPE
        assert time.monotonic() - begin < 2


@pytest.mark.timeout(20)
def test_a_read_never_takes_a_handshake_that_failed_for_the_end() -> None:
    """SAFE_DISCONN makes an end of a disconnection, but none of what TLS has not confirmed."""
    client = tlspair.context()
    with tlspair.ends() as (a, b):
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        a.secure(client, client.client_stream(a.descriptor, "localhost"))
        for _ in range(2):
            with pytest.raises(SslError, match="nothing can be sent: Broken pipe"):
                a.reader.receive(1, PATIENCE, 2)


@pytest.mark.timeout(20)
def test_what_came_before_a_handshake_could_not_send_is_read() -> None:
    """An alert of the peer's tells more than that it has left."""
    with tlspair.ends() as (a, b):
        b.descriptor.sock.sendall(b"\x15\x03\x03\x00\x02\x02\x28")  # handshake_failure
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        with pytest.raises(SslError, match="handshake failure"):
            tlspair.context().wrap_connected_socket(a, CLIENT, "localhost", PATIENCE)


def unsent(endpoint: Endpoint) -> int:
    """How many bytes of ciphertext OpenSSL has given out, and the system not taken."""
    assert isinstance(endpoint.stream, TlsStream)
    return len(endpoint.stream._pump.piece.rest())


@pytest.mark.timeout(20)
def test_a_wrapped_socket_keeps_the_flags_that_it_was_made_with(tmp_path: Path) -> None:
    identity = Authority(tmp_path).issue()
    server = tlspair.context(cert_file=identity.cert_file, key_file=identity.key_file)
    with (
        tlspair.ends() as (a, b),
        contextlib.closing(
            Endpoint.adopt(os.dup(a.fileno()), socket.AF_UNIX, socket.SOCK_STREAM, 0, True, False)
        ) as strict,
    ):
        shaken = tlspair.in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        tlspair.context().wrap_connected_socket(strict, CLIENT, "localhost", PATIENCE)
        shaken.result(PATIENCE / 1000)
        b.descriptor.sock.shutdown(socket.SHUT_RD)
        with pytest.raises(BrokenPipeError):
            strict.send(b"x")
        strict.send(b"x", SAFE_DISCONN)
