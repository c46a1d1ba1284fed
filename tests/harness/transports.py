"""Connections for scenarios: a nimnet socket on one end, a socket of Python's own on the other."""

from __future__ import annotations

import functools
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nimnet
import pytest

from harness.authority import Authority
from harness.peer import PATIENCE

TRANSPORTS = ("tcp", "tcp6", "unix", "tls12", "tls13")
"""What a stream scenario runs on, unless the spec restricts it."""

_MILLISECONDS = int(PATIENCE * 1000)
_TLS_VERSIONS = {"tls12": ssl.TLSVersion.TLSv1_2, "tls13": ssl.TLSVersion.TLSv1_3}


@contextmanager
def connected(transport: str, *, buffered: bool) -> Iterator[tuple[nimnet.Socket, socket.socket]]:
    """Yield the two ends of a new connection."""
    if transport == "unix":
        yield from _over_unix(buffered)
    elif transport in _TLS_VERSIONS:
        yield from _over_tls(_TLS_VERSIONS[transport], buffered)
    else:
        yield from _over_tcp(transport, buffered)


def _over_unix(buffered: bool) -> Iterator[tuple[nimnet.Socket, socket.socket]]:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "peer.sock"))
        subject = nimnet.new_socket(nimnet.AF_UNIX, nimnet.SOCK_STREAM, nimnet.IPPROTO_IP, buffered)
        with _listening(socket.AF_UNIX, path) as listener:
            subject.connect_unix(path, timeout=_MILLISECONDS)
            yield subject, listener.accept()[0]


def _over_tcp(transport: str, buffered: bool) -> Iterator[tuple[nimnet.Socket, socket.socket]]:
    family, host, domain = {
        "tcp": (socket.AF_INET, "127.0.0.1", nimnet.AF_INET),
        "tcp6": (socket.AF_INET6, "::1", nimnet.AF_INET6),
    }[transport]
    subject = nimnet.new_socket(domain, nimnet.SOCK_STREAM, nimnet.IPPROTO_TCP, buffered)
    try:
        listener = _listening(family, (host, 0))
    except OSError as error:
        subject.close()
        pytest.skip(f"{transport} is not available here: {error}")
    with listener:
        port = nimnet.Port(listener.getsockname()[1])
        subject.connect(host, port, timeout=_MILLISECONDS)
        yield subject, _accepted(listener)


def _over_tls(
    version: ssl.TLSVersion, buffered: bool
) -> Iterator[tuple[nimnet.Socket, socket.socket]]:
    trusted, settings = _tls_settings(version)
    subject = nimnet.new_socket(buffered=buffered)
    trusted.wrap_socket(subject)
    accepted: list[socket.socket] = []

    def shake_hands() -> None:
        accepted.append(settings.wrap_socket(_accepted(listener), server_side=True))

    with _listening(socket.AF_INET, ("127.0.0.1", 0)) as listener:
        server = threading.Thread(target=shake_hands)
        server.start()
        try:
            port = nimnet.Port(listener.getsockname()[1])
            subject.connect("127.0.0.1", port, timeout=_MILLISECONDS)
        finally:
            server.join(PATIENCE)
        yield subject, accepted[0]


@functools.cache
def _tls_settings(version: ssl.TLSVersion) -> tuple[nimnet.SslContext, ssl.SSLContext]:
    """Return the settings of the subject, which verifies, and of its peer."""
    with tempfile.TemporaryDirectory() as folder:
        authority = Authority(Path(folder))
        identity = authority.issue()
        settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        settings.minimum_version = settings.maximum_version = version
        settings.load_cert_chain(identity.cert_file, identity.key_file)
        return nimnet.new_context(ca_file=authority.ca_file), settings


def _listening(family: int, address: str | tuple[str, int]) -> socket.socket:
    """Return a listening socket, closed again if it cannot be bound."""
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.settimeout(PATIENCE)
        listener.bind(address)
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


def _accepted(listener: socket.socket) -> socket.socket:
    """Return the next connection, which sends each piece at once."""
    connection = listener.accept()[0]
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.settimeout(PATIENCE)
    return connection
