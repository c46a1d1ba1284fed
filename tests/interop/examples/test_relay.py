"""`examples/relay.py`: a proxy that passes on each end."""

from __future__ import annotations

import socket
import ssl
from pathlib import Path

from harness.authority import Authority, Identity
from harness.examples import PATIENCE, played, server
from harness.programs import find, run, wait_until


def test_a_relay_of_plain_connections_passes_on_each_end(tmp_path: Path) -> None:
    def count(connection: socket.socket) -> None:
        asked = b""
        while piece := connection.recv(65_536):
            asked += piece
        connection.sendall(f"{len(asked)} bytes".encode())

    with (
        played(count) as port,
        server(tmp_path, "relay.py", 0, "127.0.0.1", port) as (_, relay),
        socket.create_connection(("127.0.0.1", relay), PATIENCE) as client,
    ):
        client.sendall(b"x" * 1_000_000)
        client.shutdown(socket.SHUT_WR)
        assert client.makefile("rb").read() == b"1000000 bytes"


def test_a_relay_that_ends_tls_and_begins_it(
    tmp_path: Path, identity: Identity, authority: Authority
) -> None:
    """Client, TLS, relay, plain, relay, TLS, server: the half-close passes through all of it."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(identity.cert_file, identity.key_file)

    def answer(connection: socket.socket) -> None:
        with context.wrap_socket(connection, server_side=True) as secured:
            asked = b""
            while piece := secured.recv(65_536):
                asked += piece
            secured.sendall(f"{len(asked)} bytes".encode())
            secured.unwrap()

    (tmp_path / "near").mkdir()
    (tmp_path / "far").mkdir()
    keys = ("--cert", identity.cert_file, "--key", identity.key_file)
    with (
        played(answer) as port,
        server(
            tmp_path / "far",
            "relay.py",
            *(0, "localhost", port, "--tls", "--ca-file", authority.ca_file),
        ) as (_, far),
        server(tmp_path / "near", "relay.py", 0, "127.0.0.1", far, *keys) as (_, near),
    ):
        client = [
            find("socat"),
            "-t",
            "20",
            "-",
            f"OPENSSL:localhost:{near},cafile={authority.ca_file}",
        ]
        assert run(client, data=b"x" * 5_000) == b"5000 bytes"


def test_a_relay_whose_server_is_gone_ends_the_client(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    with (
        server(tmp_path, "relay.py", 0, "127.0.0.1", port) as (program, relay),
        socket.create_connection(("127.0.0.1", relay), PATIENCE) as client,
    ):
        assert client.recv(1) == b""
        wait_until(program, lambda: "no connection to 127.0.0.1: " in program.output())
