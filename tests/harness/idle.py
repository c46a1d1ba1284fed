"""How much memory idle TLS connections hold: a program, because only a process of its own can tell.

Prints the bytes that each end holds, with nimnet and with Python's `ssl`, after as many bytes of
traffic in each direction as it is told.
"""

import contextlib
import ctypes
import gc
import socket
import ssl
import sys
from collections.abc import Callable

from nimnet_runtime.endpoint import Endpoint
from nimnet_runtime.errors import TimeoutError

from harness import tlspair
from harness.failing import resident
from harness.tlspair import CLIENT, SERVER

_CONNECTIONS = 100
_PIECE = 1 << 14


def settled() -> int:
    """Returns how much memory this process has that is in use."""
    gc.collect()
    with contextlib.suppress(AttributeError):  # glibc alone keeps what is free
        ctypes.CDLL(None).malloc_trim(0)
    return resident()


def held(connect: Callable[[], object]) -> int:
    """Returns how much memory each end of a connection holds."""
    kept = [connect() for _ in range(20)]  # what is made once is made by now
    before = settled()
    kept += [connect() for _ in range(_CONNECTIONS)]
    return (settled() - before) // (2 * _CONNECTIONS)


def nimnet_connection(cert_file: str, key_file: str, traffic: int) -> Callable[[], object]:
    server = tlspair.context(cert_file=cert_file, key_file=key_file)
    client = tlspair.context()

    def connect() -> object:
        a, b = (
            Endpoint.adopt(end.detach(), socket.AF_UNIX, socket.SOCK_STREAM, 0, True)
            for end in socket.socketpair()
        )
        with contextlib.suppress(TimeoutError):
            client.wrap_connected_socket(a, CLIENT, "localhost", 0)
        with contextlib.suppress(TimeoutError):
            server.wrap_connected_socket(b, SERVER, "", 0)
        a.handshake(0)
        b.handshake(0)
        for source, sink in ((a, b), (b, a)):
            for _ in range(0, traffic, 4 * _PIECE):
                source.send(bytes(4 * _PIECE), 0, 0)
                assert len(sink.reader.receive(4 * _PIECE, 0, 0)) == 4 * _PIECE
        for end in (a, b):
            with contextlib.suppress(TimeoutError):
                end.reader.receive(1, 0, 0)
        return a, b

    return connect


def ssl_connection(cert_file: str, key_file: str, traffic: int) -> Callable[[], object]:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(cert_file, key_file)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE

    def connect() -> object:
        left, right = socket.socketpair()
        a = client.wrap_socket(left, do_handshake_on_connect=False)
        b = server.wrap_socket(right, server_side=True, do_handshake_on_connect=False)
        for end in (a, b):
            end.setblocking(False)
        for end in (a, b, a, b):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
        for source, sink in ((a, b), (b, a)):
            for _ in range(0, traffic, _PIECE):
                assert source.send(bytes(_PIECE)) == _PIECE
                assert len(sink.recv(_PIECE)) == _PIECE
        for end in (a, b):
            with contextlib.suppress(ssl.SSLWantReadError):
                end.recv(1)
        return a, b

    return connect


def main(cert_file: str, key_file: str, traffic: str) -> None:
    for connection in (nimnet_connection, ssl_connection):
        print(held(connection(cert_file, key_file, int(traffic))))


if __name__ == "__main__":
    main(*sys.argv[1:])
