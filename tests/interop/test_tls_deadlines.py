"""Peers that never get on with the handshake: each call ends at its deadline, and for that alone.

One kind is silent. The other takes part, but sends a byte of its messages every 50 ms only: each
wait of its own would be short, all of them together would take half a minute.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import nimnet
import pytest
from harness.authority import Authority, Identity
from interop.secured import PATIENCE, in_thread, listening, presenting, trusting
from nimnet import HANDSHAKE_AS_CLIENT, HANDSHAKE_AS_SERVER, IPPROTO_TCP, Port, Socket, dial

SHORT = 300
PAUSE = 0.05


@pytest.fixture(params=["silent", "slow"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@contextlib.contextmanager
def times_out(sock: Socket) -> Iterator[None]:
    """Demand that what is done here waits for its time, and leaves the socket open."""
    begin = time.monotonic()
    with pytest.raises(nimnet.TimeoutError):
        yield
    assert SHORT / 1000 <= time.monotonic() - begin < 5
    assert not sock.closed


class Tease:
    """A TLS peer of Python's that sends a byte at a time, with pauses, until it is stopped."""

    def __init__(self, context: ssl.SSLContext, connection: socket.socket, *, server: bool) -> None:
        self._connection = connection
        self._stopping = threading.Event()
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        name = None if server else "localhost"
        self._session = context.wrap_bio(self._incoming, self._outgoing, server, name)
        self._done = in_thread(self._play)

    def _play(self) -> None:
        while not self._stopping.is_set():
            with contextlib.suppress(ssl.SSLWantReadError):
                self._session.do_handshake()
            for byte in self._outgoing.read():
                self._connection.sendall(bytes([byte]))
                if self._stopping.wait(PAUSE):
                    return
            data = self._connection.recv(1 << 16)
            if not data:
                return
            self._incoming.write(data)

    def stop(self) -> None:
        """End it, with its connection."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            self._done.result(PATIENCE / 1000)
        self._connection.close()


@contextlib.contextmanager
def bad_server(kind: str, identity: Identity) -> Iterator[int]:
    """Run a server that accepts any number of connections; give its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(identity.cert_file, identity.key_file)
    teases: list[Tease] = []

    def serve() -> None:
        while True:
            connection, _ = listener.accept()
            teases.append(Tease(context, connection, server=True))

    with socket.create_server(("127.0.0.1", 0)) as listener:
        if kind == "silent":
            yield listener.getsockname()[1]
            return
        served = in_thread(serve)
        try:
            yield listener.getsockname()[1]
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            with contextlib.suppress(OSError):
                served.result(PATIENCE / 1000)
            for tease in teases:
                tease.stop()


@contextlib.contextmanager
def bad_client(kind: str, port: int, authority: Authority) -> Iterator[None]:
    """Connect a client."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE / 1000) as connection:
        if kind == "silent":
            yield
            return
        context = ssl.create_default_context(cafile=authority.ca_file)
        tease = Tease(context, connection, server=False)
        try:
            yield
        finally:
            tease.stop()


def test_connect(authority: Authority, identity: Identity, buffered: bool, kind: str) -> None:
    with bad_server(kind, identity) as port, nimnet.new_socket(buffered=buffered) as sock:
        trusting(authority).wrap_socket(sock)
        with times_out(sock):
            sock.connect("localhost", Port(port), timeout=SHORT)
        with times_out(sock):
            sock.handshake(SHORT)


def test_wrap_connected_socket_as_client(
    authority: Authority, identity: Identity, buffered: bool, kind: str
) -> None:
    with (
        bad_server(kind, identity) as port,
        dial("127.0.0.1", Port(port), IPPROTO_TCP, buffered, timeout=PATIENCE) as sock,
    ):
        with times_out(sock):
            trusting(authority).wrap_connected_socket(
                sock, HANDSHAKE_AS_CLIENT, "localhost", timeout=SHORT
            )
        with times_out(sock):
            sock.send(b"data", timeout=SHORT)


def test_wrap_connected_socket_as_server(
    authority: Authority, identity: Identity, buffered: bool, kind: str
) -> None:
    with nimnet.new_socket(buffered=buffered) as listener:
        listener.bind_addr(Port(0), "127.0.0.1")
        listener.listen()
        with (
            bad_client(kind, int(listener.get_local_addr()[1]), authority),
            listener.accept(timeout=PATIENCE) as sock,
            times_out(sock),
        ):
            presenting(identity).wrap_connected_socket(sock, HANDSHAKE_AS_SERVER, timeout=SHORT)


CALLS: dict[str, Callable[[Socket], object]] = {
    "handshake": lambda sock: sock.handshake(SHORT),
    "recv": lambda sock: sock.recv(1, SHORT),
    "recv into": lambda sock: sock.recv(bytearray(), 1, SHORT),
    "recv_line": lambda sock: sock.recv_line(SHORT),
    "skip": lambda sock: sock.skip(1, SHORT),
    "send": lambda sock: sock.send(b"data", timeout=SHORT),
}


@pytest.mark.parametrize("call", CALLS)
def test_an_accepted_socket(
    authority: Authority, identity: Identity, buffered: bool, kind: str, call: str
) -> None:
    with (
        listening(presenting(identity), buffered=buffered) as (listener, port),
        bad_client(kind, port, authority),
        listener.accept(timeout=PATIENCE) as sock,
        times_out(sock),
    ):
        CALLS[call](sock)


def test_a_bad_client_holds_up_nobody(
    authority: Authority, identity: Identity, buffered: bool, kind: str
) -> None:
    """One thread accepts and serves; the client that does not get on came first."""
    context = ssl.create_default_context(cafile=authority.ca_file)

    def ask(port: int) -> bytes:
        with (
            socket.create_connection(("127.0.0.1", port), timeout=PATIENCE / 1000) as connection,
            context.wrap_socket(connection, server_hostname="localhost") as sock,
        ):
            sock.sendall(b"hello\n")
            return sock.recv(100)

    with (
        listening(presenting(identity), buffered=buffered) as (listener, port),
        bad_client(kind, port, authority),
    ):
        begin = time.monotonic()
        with listener.accept(timeout=PATIENCE) as bad:
            asked = in_thread(lambda: ask(port))
            with listener.accept(timeout=PATIENCE) as good:
                assert good.recv_line(PATIENCE) == b"hello"
                good.send(b"served", timeout=PATIENCE)
                assert asked.result(PATIENCE / 1000) == b"served"
            assert time.monotonic() - begin < 5
            with times_out(bad):
                bad.recv(1, SHORT)
