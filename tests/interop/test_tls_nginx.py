"""nimnet as a TLS client of a real nginx."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest
from harness.authority import Authority
from harness.nginx import Nginx
from interop.client import HttpClient
from interop.secured import PATIENCE, Version, connected, trusting
from nimnet import SslError


@pytest.fixture
def client(
    nginx: Nginx, authority: Authority, version: Version, buffered: bool
) -> Iterator[HttpClient]:
    context = trusting(authority, version=version)
    with connected(context, nginx.tls_port, buffered=buffered) as sock:
        yield HttpClient(sock, PATIENCE)


def test_many_requests_on_one_connection(client: HttpClient) -> None:
    for _ in range(50):
        response = client.request("GET", "/small")
        assert (response.status, response.body) == (200, b"small\r\nbut with lines\n")
        assert response.headers["connection"] == "keep-alive"
        assert client.request("GET", "/empty").body == b""


def test_pipelined_requests_are_answered_in_order(client: HttpClient, big_body: bytes) -> None:
    for number in range(200):
        client.send("GET", "/middle", {"Range": f"bytes={number}-{number + 99}"})
    for number in range(200):
        head = client.head()
        assert head.status == 206
        assert b"".join(client.body(head)) == big_body[number : number + 100]


def test_body_of_100_mib(client: HttpClient, big_body: bytes) -> None:
    client.send("GET", "/big")
    head = client.head()
    digest = hashlib.sha256()
    for piece in client.body(head, 1 << 20):
        digest.update(piece)
    assert digest.digest() == hashlib.sha256(big_body).digest()
    assert client.request("GET", "/small").status == 200


def test_body_of_100_mib_in_one_call(client: HttpClient, big_body: bytes) -> None:
    client.send("GET", "/big")
    size = int(client.head().headers["content-length"])
    body = bytearray()
    assert client.sock.recv(body, size, PATIENCE) == size == len(big_body)
    assert hashlib.sha256(body).digest() == hashlib.sha256(big_body).digest()


def test_upload_of_100_mib(client: HttpClient, nginx: Nginx, big_body: bytes) -> None:
    assert client.request("PUT", "/uploads/secured", body=big_body).status == 201
    stored = nginx.uploads / "secured"
    assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(big_body).digest()
    stored.unlink()
    assert client.request("GET", "/small").status == 200


def test_chunks_and_what_is_skipped(client: HttpClient) -> None:
    response = client.request("GET", "/zipped/middle", {"Accept-Encoding": "gzip"})
    assert response.headers["transfer-encoding"] == "chunked"
    client.send("GET", "/middle")
    size = int(client.head().headers["content-length"])
    assert client.sock.skip(size, PATIENCE) == size
    assert client.request("GET", "/small").status == 200


def test_body_up_to_the_clean_end(client: HttpClient, big_body: bytes) -> None:
    client.sock.send(b"GET /middle HTTP/1.0\r\n\r\n")
    client.head()
    parts: list[bytes] = []
    while part := client.sock.recv(100_000, PATIENCE):
        parts.append(part)
    assert b"".join(parts) == big_body[: 1 << 20]
    assert client.sock.recv_line(PATIENCE) == b""


def test_where_nobody_speaks_tls(nginx: Nginx, authority: Authority) -> None:
    with pytest.raises(SslError, match="the peer does not speak TLS on this port"):
        connected(trusting(authority), nginx.port)
