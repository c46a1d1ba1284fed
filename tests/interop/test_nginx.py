"""nimnet as a client of a real nginx."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator

import pytest
from harness.nginx import Nginx
from harness.programs import unavailable
from interop.client import HttpClient, connect_unix
from nimnet import AF_INET6, IPPROTO_TCP, SOCK_STREAM, Port, Socket, dial, new_socket

PATIENCE = 20_000


def connected(nginx: Nginx, transport: str, buffered: bool) -> Socket:
    match transport:
        case "unix":
            return connect_unix(str(nginx.path), buffered=buffered, timeout=PATIENCE)
        case "tcp6":
            if nginx.port6 is None:
                unavailable("this machine has no IPv6 loopback address")
            sock = new_socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, buffered)
            sock.connect("::1", Port(nginx.port6), timeout=PATIENCE)
            return sock
        case _:
            return dial("127.0.0.1", Port(nginx.port), IPPROTO_TCP, buffered, timeout=PATIENCE)


@pytest.fixture(params=["tcp", "tcp6", "unix"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[-1, PATIENCE], ids=["endless", "timed"])
def timeout(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def client(
    request: pytest.FixtureRequest, nginx: Nginx, transport: str, timeout: int
) -> Iterator[HttpClient]:
    with connected(nginx, transport, bool(request.param)) as sock:
        yield HttpClient(sock, timeout)


def test_many_requests_on_one_connection(client: HttpClient) -> None:
    for _ in range(50):
        response = client.request("GET", "/small")
        assert (response.status, response.body) == (200, b"small\r\nbut with lines\n")
        assert response.headers["server"].startswith("nginx/")
        assert response.headers["connection"] == "keep-alive"
        assert client.request("GET", "/empty").body == b""


def test_head_and_missing_files_leave_the_conversation_in_step(client: HttpClient) -> None:
    head = client.request("HEAD", "/middle")
    assert (head.status, head.headers["content-length"], head.body) == (200, "1048576", b"")
    missing = client.request("GET", "/no/such/file")
    assert missing.status == 404
    assert b"404 Not Found" in missing.body
    assert client.request("HEAD", "/no/such/file").status == 404
    assert client.request("GET", "/small").status == 200


def test_pipelined_requests_are_answered_in_order(client: HttpClient, big_body: bytes) -> None:
    for number in range(200):
        client.send("GET", "/middle", {"Range": f"bytes={number}-{number + 99}"})
    for number in range(200):
        head = client.head()
        assert head.status == 206
        assert b"".join(client.body(head)) == big_body[number : number + 100]


@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_small_reads_between_lines(client: HttpClient, big_body: bytes, piece: int) -> None:
    size = piece * 500 + 1
    for _ in range(2):
        client.send("GET", "/middle", {"Range": f"bytes=0-{size - 1}"})
        head = client.head()
        assert b"".join(client.body(head, piece)) == big_body[:size]


def test_body_of_100_mib(client: HttpClient, big_body: bytes) -> None:
    client.send("GET", "/big")
    head = client.head()
    digest = hashlib.sha256()
    for piece in client.body(head, 1 << 20):
        digest.update(piece)
    assert digest.digest() == hashlib.sha256(big_body).digest()
    assert client.request("GET", "/small").status == 200


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_body_of_100_mib_in_one_call(
    nginx: Nginx, transport: str, buffered: bool, big_body: bytes
) -> None:
    with connected(nginx, transport, buffered) as sock:
        client = HttpClient(sock, PATIENCE)
        client.send("GET", "/big")
        size = int(client.head().headers["content-length"])
        body = bytearray()
        assert sock.recv(body, size, PATIENCE) == size == len(big_body)
        assert hashlib.sha256(body).digest() == hashlib.sha256(big_body).digest()


def test_chunked_response(client: HttpClient, big_body: bytes) -> None:
    for _ in range(2):
        response = client.request("GET", "/zipped/middle", {"Accept-Encoding": "gzip"})
        assert response.headers["transfer-encoding"] == "chunked"
        assert zlib.decompress(response.body, zlib.MAX_WBITS | 16) == big_body[: 1 << 20]


def test_skipped_body(client: HttpClient) -> None:
    client.send("GET", "/middle")
    size = int(client.head().headers["content-length"])
    assert client.sock.skip(size, client.timeout) == size
    assert client.request("GET", "/small").body == b"small\r\nbut with lines\n"


def test_body_up_to_the_end_of_the_stream(client: HttpClient, big_body: bytes) -> None:
    client.sock.send(b"GET /middle HTTP/1.0\r\n\r\n")
    client.head()
    parts: list[bytes] = []
    while part := client.sock.recv(100_000, client.timeout):
        parts.append(part)
    assert b"".join(parts) == big_body[: 1 << 20]
    assert client.sock.recv_line(PATIENCE) == b""


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_upload_of_100_mib(nginx: Nginx, transport: str, buffered: bool, big_body: bytes) -> None:
    name = f"{transport}-{buffered}"
    with connected(nginx, transport, buffered) as sock:
        client = HttpClient(sock, PATIENCE)
        assert client.request("PUT", f"/uploads/{name}", body=big_body).status == 201
        stored = nginx.uploads / name
        assert hashlib.sha256(stored.read_bytes()).digest() == hashlib.sha256(big_body).digest()
        stored.unlink()
        assert client.request("GET", "/small").status == 200
