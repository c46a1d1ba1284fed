"""nimnet and Python's `ssl`, on either side."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

import nimnet
import pytest
from harness.authority import Authority, Identity
from interop.secured import (
    PATIENCE,
    Version,
    accepted,
    connected,
    in_thread,
    listening,
    presenting,
    trusting,
)
from nimnet import HANDSHAKE_AS_CLIENT, IPPROTO_TCP, Port, Socket, SslError, dial

SIZE = 12 << 20

_T = TypeVar("_T")


def restricted(context: ssl.SSLContext, version: Version) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = ssl.TLSVersion(version.number)
    return context


@pytest.fixture
def server_context(identity: Identity, version: Version) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.cert_file, identity.key_file)
    return restricted(context, version)


@pytest.fixture
def client_context(authority: Authority, version: Version) -> ssl.SSLContext:
    return restricted(ssl.create_default_context(cafile=authority.ca_file), version)


@contextlib.contextmanager
def serving(talk: Callable[[socket.socket], _T]) -> Iterator[tuple[int, Future[_T]]]:
    """Have Python accept one connection, talk and close; give the port and what comes of it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE / 1000)

        def serve() -> _T:
            connection, _ = listener.accept()
            with connection:
                connection.settimeout(PATIENCE / 1000)
                return talk(connection)

        served = in_thread(serve)
        yield listener.getsockname()[1], served
        served.result(PATIENCE / 1000)


def wrapped(
    context: ssl.SSLContext, connection: socket.socket, *, server: bool, hurried: bool = True
) -> ssl.SSLSocket:
    """Return a TLS socket of Python's that tells a truncated stream from a clean end."""
    return context.wrap_socket(
        connection,
        server_side=server,
        server_hostname=None if server else "localhost",
        do_handshake_on_connect=hurried,
        suppress_ragged_eofs=False,
    )


def opened(context: ssl.SSLContext, port: int) -> ssl.SSLSocket:
    """Connect Python to a server on nimnet."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE / 1000)
    return wrapped(context, connection, server=False)


def read(sock: ssl.SSLSocket, size: int) -> bytes:
    data = bytearray()
    while len(data) < size and (part := sock.recv(1 << 16)):
        data += part
    return bytes(data)


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# --- Python as the server


def test_both_ways_and_a_clean_end(
    authority: Authority, server_context: ssl.SSLContext, buffered: bool, big_body: bytes
) -> None:
    def talk(connection: socket.socket) -> str:
        with wrapped(server_context, connection, server=True) as sock:
            sock.sendall(b"welcome\r\n" + big_body[:SIZE])
            digest = sha256(read(sock, SIZE))
            assert sock.recv(1) == b""  # close_notify, or this raises
            return digest

    with serving(talk) as (port, served):
        with connected(trusting(authority), port, buffered=buffered) as sock:
            assert sock.recv_line(PATIENCE) == b"welcome"
            assert sha256(sock.recv(SIZE, PATIENCE)) == sha256(big_body[:SIZE])
            sock.send(big_body[-SIZE:], timeout=PATIENCE)
        assert served.result(PATIENCE / 1000) == sha256(big_body[-SIZE:])


def test_unwrap_is_a_clean_end(
    authority: Authority, server_context: ssl.SSLContext, buffered: bool
) -> None:
    def talk(connection: socket.socket) -> bytes:
        sock = wrapped(server_context, connection, server=True)
        sock.sendall(b"the last words")
        with sock.unwrap() as plain:  # waits for the other side's close_notify
            return plain.recv(1)

    with serving(talk) as (port, served):
        with connected(trusting(authority), port, buffered=buffered) as sock:
            assert sock.recv(100, PATIENCE) == b"the last words"
            assert sock.recv(1, PATIENCE) == b""
            assert sock.recv_line(PATIENCE) == b""
        assert served.result(PATIENCE / 1000) == b""


def test_a_close_without_unwrap_is_a_truncation(
    authority: Authority, server_context: ssl.SSLContext, buffered: bool
) -> None:
    def talk(connection: socket.socket) -> None:
        with wrapped(server_context, connection, server=True) as sock:
            sock.sendall(b"the last words")

    with (
        serving(talk) as (port, _),
        connected(trusting(authority), port, buffered=buffered) as sock,
    ):
        assert sock.recv(14, PATIENCE) == b"the last words"
        for _ in range(2):
            with pytest.raises(SslError, match="without close_notify"):
                sock.recv(1, PATIENCE)


@pytest.mark.parametrize("call", ["connect", "wrap_connected_socket"])
def test_a_slow_handshake_goes_on_after_a_timeout(
    authority: Authority, server_context: ssl.SSLContext, buffered: bool, call: str
) -> None:
    begin = threading.Event()

    def talk(connection: socket.socket) -> None:
        sock = wrapped(server_context, connection, server=True, hurried=False)
        assert begin.wait(PATIENCE / 1000)
        sock.do_handshake()
        sock.sendall(read(sock, 4).upper())
        sock.unwrap().close()

    context = trusting(authority)
    with serving(talk) as (port, _):
        if call == "connect":
            sock = nimnet.new_socket(buffered=buffered)
            context.wrap_socket(sock)
            shake = partial(sock.connect, "localhost", Port(port), timeout=100)
        else:
            sock = dial("127.0.0.1", Port(port), IPPROTO_TCP, buffered, timeout=PATIENCE)
            wrap = context.wrap_connected_socket
            shake = partial(wrap, sock, HANDSHAKE_AS_CLIENT, "localhost", timeout=100)
        with sock:
            with pytest.raises(nimnet.TimeoutError):
                shake()
            with pytest.raises(nimnet.TimeoutError):
                sock.recv(1, 50)
            begin.set()
            sock.handshake(PATIENCE)
            sock.send(b"data", timeout=PATIENCE)
            assert sock.recv(100, PATIENCE) == b"DATA"


def test_very_small_records(
    authority: Authority, server_context: ssl.SSLContext, buffered: bool
) -> None:
    def talk(connection: socket.socket) -> None:
        sock = wrapped(server_context, connection, server=True)
        for number in range(2000):
            for byte in b"%d\r\n" % number:
                sock.send(bytes([byte]))
        sock.unwrap().close()

    with (
        serving(talk) as (port, _),
        connected(trusting(authority), port, buffered=buffered) as sock,
    ):
        lines = [b"%d" % number for number in range(2000)]
        assert list(sock.lines(PATIENCE)) == lines


# --- Python as the client


def test_a_client_in_every_respect(
    identity: Identity, client_context: ssl.SSLContext, buffered: bool, big_body: bytes
) -> None:
    def talk(client: Socket) -> str:
        assert client.recv_line(PATIENCE) == b"hello"
        client.send(big_body[:SIZE], timeout=PATIENCE)
        digest = sha256(client.recv(SIZE, PATIENCE))
        assert client.recv(1, PATIENCE) == b""
        client.send(b"farewell", timeout=PATIENCE)
        return digest

    with listening(presenting(identity), buffered=buffered) as (listener, port):
        served = accepted(listener, talk)
        sock = opened(client_context, port)
        assert sock.compression() is None
        assert sock.getpeercert()
        sock.sendall(b"hello\n")
        assert sha256(read(sock, SIZE)) == sha256(big_body[:SIZE])
        sock.sendall(big_body[-SIZE:])
        with pytest.raises(ssl.SSLError, match=r"(?i)application data after close notify"):
            sock.unwrap()  # for it, our last word comes too late; TLS allows it
        sock.close()
        assert served.result(PATIENCE / 1000) == sha256(big_body[-SIZE:])


def test_a_session_is_not_resumed(identity: Identity, client_context: ssl.SSLContext) -> None:
    """Each handshake proves anew who is there."""

    def talk(client: Socket) -> bytes:
        client.send(b"welcome", timeout=PATIENCE)
        return client.recv(1, PATIENCE)

    session: ssl.SSLSession | None = None
    with listening(presenting(identity)) as (listener, port):
        for _ in range(2):
            served = accepted(listener, talk)
            connection = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE / 1000)
            with client_context.wrap_socket(
                connection, server_hostname="localhost", session=session
            ) as sock:
                assert read(sock, 7) == b"welcome"
                assert not sock.session_reused
                session = sock.session
                sock.unwrap().close()
            assert served.result(PATIENCE / 1000) == b""


def test_a_client_whose_bytes_come_one_by_one(
    identity: Identity, client_context: ssl.SSLContext, buffered: bool
) -> None:
    def talk(client: Socket) -> bytes:
        client.handshake(PATIENCE)
        line = client.recv_line(PATIENCE)
        client.send(line.upper(), timeout=PATIENCE)
        return client.recv(1, PATIENCE)

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = client_context.wrap_bio(incoming, outgoing, server_hostname="localhost")

    def pumped(operation: Callable[[], _T], connection: socket.socket) -> _T:
        while True:
            try:
                return operation()
            except ssl.SSLWantReadError:
                pass  # send first what the other side waits for
            finally:
                for byte in outgoing.read():
                    connection.sendall(bytes([byte]))
            if not incoming.write(connection.recv(1)):
                incoming.write_eof()

    with listening(presenting(identity), buffered=buffered) as (listener, port):
        served = accepted(listener, talk)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE / 1000) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            pumped(session.do_handshake, connection)
            pumped(lambda: session.write(b"one by one\r\n"), connection)
            assert pumped(lambda: session.read(100), connection) == b"ONE BY ONE"
            with contextlib.suppress(ssl.SSLError):
                pumped(session.unwrap, connection)
        assert served.result(PATIENCE / 1000) == b""
