"""Two ends of a TLS connection, each driven by its own thread; both nimnet's, or one Python's."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import TypeVar

from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.sessions import TlsSession
from nimnet_runtime.tls.context import Context

_T = TypeVar("_T")

TLS_1_2 = 0x0303
TLS_1_3 = 0x0304
VERSIONS = (TLS_1_2, TLS_1_3)
NONE, PEER, PEER_USE_ENV_VARS = 0, 1, 2
CLIENT, SERVER = 0, 1
PATIENCE = 20_000
"""Milliseconds; far above what any handshake here needs."""


def context(
    *,
    verify: int = NONE,
    cert_file: str = "",
    key_file: str = "",
    ciphers: str = "ALL",
    ca_file: str = "",
    ca_dir: str = "",
    version: int | None = None,
) -> Context:
    made = Context(3, verify, cert_file, key_file, ciphers, ca_dir, ca_file)
    if version is not None:
        made.context.set_min_proto_version(version)
        made.context.set_max_proto_version(version)
    return made


def in_thread(call: Callable[[], _T]) -> Future[_T]:
    """Runs `call` in a thread of its own; the future has what it returned or raised."""
    future: Future[_T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # the test looks at it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def outcome(call: Callable[[], object]) -> str:
    """Returns "" or the class and message of what `call` raised."""
    try:
        call()
    except Exception as error:  # a test compares it
        return f"{type(error).__name__}: {error}"
    return ""


@contextlib.contextmanager
def ends(
    *, buffered: bool = True, family: int = socket.AF_UNIX
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two connected endpoints, plain."""
    if family == socket.AF_UNIX:
        left, right = socket.socketpair()
    else:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            left = socket.create_connection(listener.getsockname())
            right, _ = listener.accept()
    a, b = (
        Endpoint.adopt(sock.detach(), family, socket.SOCK_STREAM, 0, buffered)
        for sock in (left, right)
    )
    with contextlib.closing(a), contextlib.closing(b):
        yield a, b


@contextlib.contextmanager
def secured(
    client: Context,
    server: Context,
    *,
    hostname: str = "localhost",
    buffered: bool = True,
    family: int = socket.AF_UNIX,
    session: TlsSession | None = None,
) -> Iterator[tuple[Endpoint, Endpoint]]:
    """Two endpoints after a handshake that succeeded: the client's and the server's."""
    with ends(buffered=buffered, family=family) as (a, b):
        shaken = in_thread(lambda: server.wrap_connected_socket(b, SERVER, "", PATIENCE))
        client.wrap_connected_socket(a, CLIENT, hostname, PATIENCE, session)
        shaken.result(PATIENCE / 1000)
        yield a, b


def attempt(client: Context, server: Context, *, hostname: str = "localhost") -> tuple[str, str]:
    """Tries a handshake and one byte each way; returns what each end raised ("" for nothing)."""
    with ends() as (a, b):

        def serve() -> None:
            try:
                server.wrap_connected_socket(b, SERVER, "", PATIENCE)
                b.reader.receive(1, PATIENCE, 0)
                b.send(b"s", 0, PATIENCE)
            finally:
                b.close()

        served = in_thread(lambda: outcome(serve))

        def ask() -> None:
            try:
                client.wrap_connected_socket(a, CLIENT, hostname, PATIENCE)
                a.send(b"c", 0, PATIENCE)
                assert a.reader.receive(1, PATIENCE, 0) == b"s"
            finally:
                a.close()

        return outcome(ask), served.result(PATIENCE / 1000)


@contextlib.contextmanager
def python_peer(
    made: ssl.SSLContext, *, server: bool
) -> Iterator[tuple[Endpoint, Future[ssl.SSLSocket]]]:
    """A plain endpoint, and Python's `ssl` shaking hands at the other end."""
    with ends(family=socket.AF_INET) as (a, b):
        raw = socket.socket(fileno=socket.dup(b.fileno()))
        b.close()
        raw.settimeout(PATIENCE / 1000)
        name = None if server else "localhost"
        future = in_thread(lambda: made.wrap_socket(raw, server_side=server, server_hostname=name))
        try:
            yield a, future
        finally:
            a.close()
            raw.close()
            with contextlib.suppress(Exception):
                future.result(PATIENCE / 1000).close()
