"""nimnet as a server that real clients drive: curl, redis-cli and socat."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from harness import places
from harness.programs import find, run, unavailable
from interop.client import encode_command
from interop.servers import blob, echo_lines, http, redis_store, serving
from nimnet import (
    AF_INET,
    AF_INET6,
    AF_UNIX,
    IPPROTO_IP,
    IPPROTO_TCP,
    SOCK_STREAM,
    Port,
    Socket,
    new_socket,
)


@dataclass(frozen=True)
class Bound:
    """A bound nimnet socket, and where it is in the words of each client."""

    sock: Socket
    url: str
    socat: str
    redis: list[str]
    curl: list[str] = field(default_factory=list)


@contextmanager
def bound_to(transport: str, buffered: bool, directory: Path) -> Iterator[Bound]:
    match transport:
        case "unix":
            path = str(directory / "server.sock")
            with new_socket(AF_UNIX, SOCK_STREAM, IPPROTO_IP, buffered) as sock:
                sock.bind_unix(path)
                curl = ["--unix-socket", path]
                yield Bound(sock, "http://localhost", f"UNIX:{path}", ["-s", path], curl)
        case "tcp6":
            with new_socket(AF_INET6, SOCK_STREAM, IPPROTO_TCP, buffered) as sock:
                try:
                    sock.bind_addr(Port(0), "::1")
                except OSError as fault:
                    if fault.errno not in places.LACKING:
                        raise
                    unavailable(f"this machine has no IPv6 loopback address: {fault}")
                place = f"[::1]:{sock.get_local_addr()[1]}"
                redis = ["-h", "::1", "-p", str(sock.get_local_addr()[1])]
                yield Bound(sock, f"http://{place}", f"TCP6:{place}", redis)
        case _:
            with new_socket(AF_INET, SOCK_STREAM, IPPROTO_TCP, buffered) as sock:
                sock.bind_addr(Port(0), "127.0.0.1")
                place = f"127.0.0.1:{sock.get_local_addr()[1]}"
                redis = ["-p", str(sock.get_local_addr()[1])]
                yield Bound(sock, f"http://{place}", f"TCP4:{place}", redis)


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def buffered(request: pytest.FixtureRequest) -> bool:
    return bool(request.param)


@pytest.fixture(params=["tcp", "tcp6", "unix"])
def bound(request: pytest.FixtureRequest, buffered: bool, tmp_path: Path) -> Iterator[Bound]:
    with bound_to(str(request.param), buffered, tmp_path) as there:
        yield there


# --- curl


@pytest.fixture
def curl(bound: Bound) -> list[str]:
    """A curl that speaks to the bound socket, and fails when the server's answer says so."""
    curl = find("curl")
    return [curl, "--noproxy", "*", "--http1.1", "--silent", "--show-error", "--fail", *bound.curl]


def test_curl_downloads_100_mib(bound: Bound, curl: list[str], tmp_path: Path) -> None:
    size = 100 << 20
    received = tmp_path / "received"
    with serving(bound.sock, http):
        run([*curl, "--output", str(received), f"{bound.url}/blob/{size}"])
    assert hashlib.sha256(received.read_bytes()).digest() == hashlib.sha256(blob(size)).digest()
    received.unlink()


def test_curl_uploads_100_mib(
    bound: Bound, curl: list[str], tmp_path: Path, big_body: bytes
) -> None:
    sent = tmp_path / "sent"
    sent.write_bytes(big_body)
    with serving(bound.sock, http):
        answer = run([*curl, "--upload-file", str(sent), f"{bound.url}/digest"])
    assert answer.decode() == hashlib.sha256(big_body).hexdigest()
    sent.unlink()


def test_curl_keeps_the_connection(bound: Bound, curl: list[str]) -> None:
    with serving(bound.sock, http):
        report = ["--write-out", "|%{http_code} %{num_connects}|"]
        one, none = f"{bound.url}/blob/10", f"{bound.url}/blob/0"
        printed = run([*curl, *report, one, none, one])
    assert printed == b"%s|200 1||200 0|%s|200 0|" % (blob(10), blob(10))


def test_curl_asks_for_the_head_only(bound: Bound, curl: list[str]) -> None:
    with serving(bound.sock, http):
        head = run([*curl, "--head", f"{bound.url}/blob/123456"])
        assert head.splitlines() == [b"HTTP/1.1 200 OK", b"Content-Length: 123456", b""]
        run([*curl, f"{bound.url}/no/such/thing"], status=22)


def test_curl_asks_for_many_at_once(bound: Bound, curl: list[str], tmp_path: Path) -> None:
    with serving(bound.sock, http):
        target = f"{bound.url}/blob/[100000-100015]"
        run([*curl, "--parallel", "--output", str(tmp_path / "#1"), target])
    for size in range(100_000, 100_016):
        assert (tmp_path / str(size)).read_bytes() == blob(size)


def test_curl_that_hangs_up_disturbs_nobody(bound: Bound, curl: list[str]) -> None:
    """Status 63: curl leaves when it reads how much is to come, in the middle of our send."""
    with serving(bound.sock, http):
        run([*curl, "--max-filesize", "1000", f"{bound.url}/blob/{50 << 20}"], status=63)
        assert run([*curl, f"{bound.url}/blob/10"]) == blob(10)


# --- redis-cli


@pytest.fixture
def cli(bound: Bound) -> list[str]:
    """A redis-cli that speaks to the bound socket."""
    return [find("redis-cli"), "-e", *bound.redis]


def test_redis_cli_sets_and_gets(bound: Bound, cli: list[str]) -> None:
    with serving(bound.sock, redis_store()):
        assert run([*cli, "PING"]) == b"PONG\n"
        assert run([*cli, "GET", "key"]) == b"\n"
        assert run([*cli, "SET", "key", "two words"]) == b"OK\n"
        assert run([*cli, "GET", "key"]) == b"two words\n"
        assert run([*cli, "-r", "100", "ECHO", "again"]) == b"again\n" * 100
        run([*cli, "NONSENSE"], status=1)


def test_redis_cli_pipes_10000_commands(bound: Bound, cli: list[str]) -> None:
    commands = b"".join(
        encode_command("SET", f"key{number}", number * 7) for number in range(10_000)
    )
    with serving(bound.sock, redis_store()):
        printed = run([*cli, "--pipe"], data=commands)
        assert b"errors: 0, replies: 10000" in printed
        assert run([*cli, "GET", "key9999"]) == b"69993\n"


def test_redis_cli_sets_and_gets_64_mib(bound: Bound, cli: list[str], big_value: bytes) -> None:
    with serving(bound.sock, redis_store()):
        assert run([*cli, "-x", "SET", "key"], data=big_value) == b"OK\n"
        value = run([*cli, "GET", "key"])
    assert hashlib.sha256(value[:-1]).digest() == hashlib.sha256(big_value).digest()


# --- socat


@pytest.fixture
def socat(bound: Bound) -> list[str]:
    """A socat between its standard streams and the bound socket."""
    return [find("socat"), "-t", "30", "-", bound.socat]


def test_socat_has_its_lines_sent_back(bound: Bound, socat: list[str]) -> None:
    with serving(bound.sock, echo_lines):
        printed = run(socat, data=b"one\r\ntwo\nthree\rfour\r\n\r\n\nfi")
    assert printed == b"ONE\nTWO\nTHREE\nFOUR\n\n\nfi"


def test_socat_sends_many_lines(bound: Bound, socat: list[str]) -> None:
    lines = b"".join(b"line %d of many\r\n" % number for number in range(20_000))
    with serving(bound.sock, echo_lines):
        printed = run(socat, data=lines)
    assert printed == lines.upper().replace(b"\r\n", b"\n")
