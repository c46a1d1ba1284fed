"""nimnet as a TLS client of a real Redis server, which wants certificates of its clients.

No test here reads slowly what Redis sends while it is given more to answer: Redis 7 breaks such TLS
connections off itself ("bad length" in its log), whoever the client is.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import nimnet
import pytest
from harness.authority import Authority
from harness.redis import Redis
from interop.client import RedisClient, Reply, encode_command
from interop.secured import PATIENCE, TLS_1_3, Version, connected, trusting
from nimnet import SslContext, SslError

DIGEST = "return redis.sha1hex(redis.call('GET', KEYS[1]))"
"""A script that has Redis itself say what it holds."""


def known(authority: Authority, version: Version) -> SslContext:
    """Return the context of a client that Redis accepts."""
    mine = authority.issue(names=[], addresses=[], common_name="client")
    return trusting(authority, version=version, mine=mine)


@pytest.fixture
def client(
    redis: Redis, authority: Authority, version: Version, buffered: bool
) -> Iterator[RedisClient]:
    with connected(known(authority, version), redis.tls_port, buffered=buffered) as sock:
        yield RedisClient(sock, PATIENCE)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A key that no other test uses."""
    return str(request.node.nodeid)


def test_pipeline_of_10000_commands_is_answered_in_order(client: RedisClient, key: str) -> None:
    counts: list[Reply] = list(range(1, 10_001))
    assert client.pipeline([("INCR", key)] * 10_000) == counts
    assert client.command("PING") == b"PONG"


def test_64_mib_both_ways(redis: Redis, authority: Authority, key: str, big_value: bytes) -> None:
    with connected(known(authority, TLS_1_3), redis.tls_port) as sock:
        store_and_fetch(RedisClient(sock, PATIENCE), key, big_value)


def store_and_fetch(client: RedisClient, key: str, big_value: bytes) -> None:
    assert client.command("SET", key, big_value) == b"OK"
    assert client.command("EVAL", DIGEST, 1, key) == hashlib.sha1(big_value).hexdigest().encode()
    value = client.command("GET", key)
    assert isinstance(value, bytes)
    assert hashlib.sha1(value).digest() == hashlib.sha1(big_value).digest()
    assert client.command("DEL", key) == 1


def test_a_timeout_loses_nothing(client: RedisClient, key: str) -> None:
    client.command("SET", key, "0123456789")
    client.send("GET", key)
    with pytest.raises(nimnet.TimeoutError):
        client.sock.recv(1000, 100)  # the whole reply arrives, and it is not enough
    assert client.reply() == b"0123456789"
    assert client.command("PING") == b"PONG"


def test_server_that_closes_ends_the_stream_after_its_last_reply(client: RedisClient) -> None:
    client.sock.send(encode_command("PING") + encode_command("QUIT"), timeout=PATIENCE)
    assert (client.reply(), client.reply()) == (b"PONG", b"OK")
    assert client.sock.recv_line(PATIENCE) == b""
    assert client.sock.recv(1, PATIENCE) == b""


def test_a_client_without_certificate_is_refused(
    redis: Redis, authority: Authority, version: Version
) -> None:
    def ping() -> None:
        with connected(trusting(authority, version=version), redis.tls_port) as sock:
            RedisClient(sock, PATIENCE).command("PING")

    with pytest.raises(SslError, match=r"alert '(certificate required|handshake failure)'"):
        ping()
