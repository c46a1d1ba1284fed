"""`examples/fetch.py`: HTTP by h11 over `recv_some`."""

from __future__ import annotations

import contextlib
import hashlib
import socket
import time

import pytest
from harness.authority import Authority
from harness.examples import PATIENCE, command, complaint_of, line_of, played, text_of
from harness.nginx import Nginx
from harness.places import has_ipv6
from harness.programs import run, unavailable


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_a_page_of_nginx(nginx: Nginx, host: str, big_body: bytes) -> None:
    if host == "[::1]" and not has_ipv6():
        unavailable("this machine has no IPv6 loopback address")
    port = nginx.port6 if host == "[::1]" else nginx.port
    page = run(command("fetch.py", f"http://{host}:{port}/middle"))
    assert hashlib.sha256(page).digest() == hashlib.sha256(big_body[: 1 << 20]).digest()


def test_a_page_of_nginx_over_tls(nginx: Nginx, authority: Authority) -> None:
    page = text_of(
        "fetch.py", f"https://localhost:{nginx.tls_port}/small", "--ca-file", authority.ca_file
    )
    assert page == "small\r\nbut with lines\n"


def test_a_server_nobody_vouches_for(nginx: Nginx) -> None:
    _, complaint = complaint_of("fetch.py", f"https://localhost:{nginx.tls_port}/small")
    assert complaint.startswith("SslCertificateError: ")


def test_a_page_that_dribbles() -> None:
    def dribble(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        with contextlib.suppress(OSError):
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)

    with played(dribble) as port:
        begun = time.monotonic()
        _, complaint = complaint_of("fetch.py", f"http://127.0.0.1:{port}/", "--timeout", 500)
        assert complaint.startswith("TimeoutError: ")
        assert "500 ms" in complaint
        assert time.monotonic() - begun < PATIENCE


def test_a_body_that_a_reset_cuts_short_is_no_whole_one() -> None:
    def reset(connection: socket.socket) -> None:
        while line_of(connection) != b"\r\n":
            pass
        connection.sendall(b"HTTP/1.0 200 OK\r\n\r\nhalf of")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")

    with played(reset) as port:
        printed, complaint = complaint_of("fetch.py", f"http://127.0.0.1:{port}/")
        assert printed == ""
        assert complaint.startswith("ConnectionResetError: ")
