"""TLS connections and servers on nimnet, for the tests against real TLS peers."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TypeVar

from harness.authority import Authority, Identity
from nimnet import (
    C_VERIFY_NONE,
    C_VERIFY_PEER,
    HANDSHAKE_AS_CLIENT,
    IPPROTO_TCP,
    Port,
    Socket,
    SslContext,
    dial,
    new_context,
    new_socket,
)
from OpenSSL import SSL

PATIENCE = 20_000
"""Milliseconds; only a hanging test reaches them."""

_T = TypeVar("_T")


@dataclass(frozen=True)
class Version:
    """A version of TLS, in the words of each program.

    Attributes:
        name: As in a test's name.
        number: That of the protocol.
        option: That of `openssl s_server` and `s_client`.
        dotted: As stunnel, redis-server and nginx have it.
    """

    name: str
    number: int
    option: str
    dotted: str


TLS_1_2 = Version("tls12", SSL.TLS1_2_VERSION, "-tls1_2", "TLSv1.2")
TLS_1_3 = Version("tls13", SSL.TLS1_3_VERSION, "-tls1_3", "TLSv1.3")


def pinned(context: SslContext, version: Version | None) -> SslContext:
    """Restrict a context to one version; what nimnet's own calls do not cover."""
    if version is not None:
        context.context.set_min_proto_version(version.number)
        context.context.set_max_proto_version(version.number)
    return context


def trusting(
    authority: Authority, *, version: Version | None = None, mine: Identity | None = None
) -> SslContext:
    """Return a client's context that trusts one authority, and maybe has a certificate."""
    context = new_context(
        cert_file=mine.cert_file if mine else "",
        key_file=mine.key_file if mine else "",
        ca_file=authority.ca_file,
    )
    return pinned(context, version)


def presenting(
    identity: Identity, *, version: Version | None = None, ciphers: str = "ALL"
) -> SslContext:
    """Return a server's context with a certificate, which asks clients for none."""
    context = new_context(
        verify_mode=C_VERIFY_NONE,
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        cipher_list=ciphers,
    )
    return pinned(context, version)


def demanding(
    identity: Identity, authority: Authority, *, version: Version | None = None
) -> SslContext:
    """Return a server's context that wants a certificate of the authority from each client."""
    context = new_context(
        verify_mode=C_VERIFY_PEER,
        cert_file=identity.cert_file,
        key_file=identity.key_file,
        ca_file=authority.ca_file,
    )
    return pinned(context, version)


def connected(
    context: SslContext, port: int, *, host: str = "localhost", buffered: bool = True
) -> Socket:
    """Return a TLS socket that `connect` has connected, handshake and all."""
    sock = new_socket(buffered=buffered)
    try:
        context.wrap_socket(sock)
        sock.connect(host, Port(port), timeout=PATIENCE)
    except BaseException:
        sock.close()
        raise
    return sock


def dialled(context: SslContext, port: int, hostname: str, *, buffered: bool = True) -> Socket:
    """Return a TLS socket to loopback whose server must prove to be `hostname`."""
    sock = dial("127.0.0.1", Port(port), IPPROTO_TCP, buffered, timeout=PATIENCE)
    try:
        context.wrap_connected_socket(sock, HANDSHAKE_AS_CLIENT, hostname, timeout=PATIENCE)
    except BaseException:
        sock.close()
        raise
    return sock


@contextlib.contextmanager
def bound(context: SslContext, *, buffered: bool = True) -> Iterator[tuple[Socket, int]]:
    """Give a TLS socket that is bound to a loopback port, and the port."""
    with new_socket(buffered=buffered) as listener:
        context.wrap_socket(listener)
        listener.bind_addr(Port(0), "127.0.0.1")
        yield listener, int(listener.get_local_addr()[1])


@contextlib.contextmanager
def listening(context: SslContext, *, buffered: bool = True) -> Iterator[tuple[Socket, int]]:
    """Give a TLS socket that listens on a loopback port, and the port."""
    with bound(context, buffered=buffered) as (listener, port):
        listener.listen()
        yield listener, port


def in_thread(call: Callable[[], _T]) -> Future[_T]:
    """Run `call` in a thread of its own; the future has what it returned or raised."""
    future: Future[_T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # the test looks at it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def accepted(listener: Socket, talk: Callable[[Socket], _T]) -> Future[_T]:
    """Accept one client in a thread, talk to it, and close; the future has what came of it."""

    def serve() -> _T:
        with listener.accept(timeout=PATIENCE) as client:
            return talk(client)

    return in_thread(serve)


# --- Pre-shared keys

IDENTITY = "anna"
KEY = bytes(range(1, 33))
"""Long enough for stunnel, which wants 16 bytes."""


def psk_client(
    identity: str = IDENTITY, key: bytes = KEY, *, version: Version | None = None
) -> SslContext:
    """Return the context of a client that has a key, and would check no certificate."""
    context = new_context(verify_mode=C_VERIFY_NONE)
    context.client_get_psk_func = lambda _hint: (identity, key)
    return pinned(context, version)


def psk_server(
    keys: Mapping[str, bytes] | None = None, *, version: Version | None = None
) -> SslContext:
    """Return the context of a server that has keys and no certificate."""
    known = {IDENTITY: KEY} if keys is None else keys
    context = new_context(verify_mode=C_VERIFY_NONE)
    context.server_get_psk_func = lambda identity: known.get(identity, b"")
    return pinned(context, version)
