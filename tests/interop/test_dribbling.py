"""A server that dribbles keeps the timeout of every call, and not the deadline of a block.

The client is as many are: it asks for a page and reads it in many calls, each with a timeout that
is never used up.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final

import nimnet
import pytest
from harness.authority import Authority, Identity
from interop.secured import PATIENCE, in_thread, trusting
from nimnet import HANDSHAKE_AS_CLIENT, Port, Socket

PAGE: Final = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(1000))
PAUSE: Final = 0.01
"""Seconds between two bytes: the whole page takes a minute and a half."""
SHORT: Final = 2500
"""Milliseconds: for some lines, and for a busy machine before the first of them."""


@contextlib.contextmanager
def dribbling(identity: Identity | None) -> Iterator[Port]:
    """Run a server for one client; give its port."""
    stopping = threading.Event()

    def secured(plain: socket.socket) -> socket.socket:
        if identity is None:
            return plain
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(identity.cert_file, identity.key_file)
        return context.wrap_socket(plain, server_side=True)

    def serve() -> None:
        connection, _ = listener.accept()
        connection.settimeout(PATIENCE / 1000)
        with secured(connection) as sock, contextlib.suppress(OSError):
            sock.recv(1000)
            for byte in PAGE:
                sock.sendall(bytes([byte]))
                if stopping.wait(PAUSE):
                    return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        served = in_thread(serve)
        try:
            yield Port(listener.getsockname()[1])
        finally:
            stopping.set()
            served.result(PATIENCE / 1000)


@pytest.fixture(params=["tcp", "tls"])
def context(request: pytest.FixtureRequest, authority: Authority) -> nimnet.SslContext | None:
    return trusting(authority) if request.param == "tls" else None


def connected(port: Port, context: nimnet.SslContext | None, buffered: bool) -> Socket:
    sock = nimnet.dial("127.0.0.1", port, buffered=buffered, timeout=PATIENCE)
    if context is not None:
        context.wrap_connected_socket(sock, HANDSHAKE_AS_CLIENT, "localhost", timeout=PATIENCE)
    return sock


BY_BYTES: Final = "by bytes"
READS: Final[dict[str, Callable[[Socket, list[bytes]], None]]] = {
    BY_BYTES: lambda sock, got: got.extend(iter(lambda: sock.recv(1, PATIENCE), b"")),
    "by lines": lambda sock, got: got.extend(iter(lambda: sock.recv_line(PATIENCE), b"")),
    "by lines in a loop": lambda sock, got: got.extend(sock.lines(PATIENCE)),
    "by lines without a timeout": lambda sock, got: got.extend(iter(sock.recv_line, b"")),
}


@pytest.mark.parametrize("read", READS)
def test_a_request_of_many_calls(
    identity: Identity, buffered: bool, context: nimnet.SslContext | None, read: str
) -> None:
    got: list[bytes] = []
    with dribbling(identity if context else None) as port, contextlib.ExitStack() as stack:
        began = time.monotonic()
        with nimnet.fail_after(SHORT) as deadline:
            sock = stack.enter_context(connected(port, context, buffered))
            sock.send(b"GET / HTTP/1.1\r\n\r\n", timeout=PATIENCE)
            with pytest.raises(nimnet.TimeoutError) as caught:
                READS[read](sock, got)
            took = time.monotonic() - began
        assert deadline.passed
        assert deadline.remaining == 0
        assert SHORT / 1000 <= took < 10
        assert f"the {SHORT} ms of fail_after have passed" in str(caught.value)
        assert f"from 127.0.0.1:{port}" in str(caught.value)
        assert got
        end = b"" if read == BY_BYTES else b"\r\n"
        taken = b"".join(each + end for each in got)
        assert PAGE.startswith(taken + sock.recv(1, PATIENCE))  # what had come is the next call's
