"""nimnet as a client of a real Redis server."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Iterator

import nimnet
import pytest
from harness.redis import Redis
from interop.client import (
    RedisClient,
    RedisError,
    Reply,
    connect_unix,
    encode_command,
    recv_text_line,
)
from nimnet import IPPROTO_TCP, Port, Socket, dial, new_socket

DIGEST = "return redis.sha1hex(redis.call('GET', KEYS[1]))"
"""A script that has Redis itself say what it holds."""

PATIENCE = 20_000


def connected(redis: Redis, transport: str, buffered: bool) -> Socket:
    if transport == "unix":
        return connect_unix(str(redis.path), buffered=buffered, timeout=PATIENCE)
    return dial("127.0.0.1", Port(redis.port), IPPROTO_TCP, buffered, timeout=PATIENCE)


@pytest.fixture(params=[-1, PATIENCE], ids=["endless", "timed"])
def timeout(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(params=["tcp", "unix"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def client(
    request: pytest.FixtureRequest, redis: Redis, transport: str, timeout: int
) -> Iterator[RedisClient]:
    with connected(redis, transport, bool(request.param)) as sock:
        yield RedisClient(sock, timeout)


@pytest.fixture
def key(request: pytest.FixtureRequest) -> str:
    """A key that no other test uses."""
    return str(request.node.nodeid)


def test_set_and_get(client: RedisClient, key: str) -> None:
    value = b"\r\n\x00\xff\rtext\n"
    assert client.command("SET", key, value) == b"OK"
    assert client.command("GET", key) == value
    assert client.command("GET", f"{key} missing") is None
    assert client.command("SET", key, b"") == b"OK"
    assert client.command("GET", key) == b""
    assert client.command("STRLEN", key) == 0


def test_nested_and_mixed_replies(client: RedisClient) -> None:
    script = "return {1, 'two', {3, {'four', false}}, redis.status_reply('five')}"
    assert client.command("EVAL", script, 0) == [1, b"two", [3, [b"four", None]], b"five"]


def test_error_replies_leave_the_conversation_in_step(client: RedisClient, key: str) -> None:
    with pytest.raises(RedisError, match="unknown command 'NONSENSE'"):
        client.command("NONSENSE")
    replies = client.pipeline([("SET", key, "text"), ("INCR", key), ("GET", key), ("LPOP", key)])
    assert replies[0] == b"OK"
    assert isinstance(replies[1], RedisError)
    assert "not an integer" in str(replies[1])
    assert replies[2] == b"text"
    assert isinstance(replies[3], RedisError)
    assert "WRONGTYPE" in str(replies[3])
    assert client.command("PING") == b"PONG"


def test_pipeline_of_10000_commands_is_answered_in_order(client: RedisClient, key: str) -> None:
    echoes: list[Reply] = [b"%d" % number for number in range(10_000)]
    assert client.pipeline([("ECHO", number) for number in range(10_000)]) == echoes
    counts: list[Reply] = list(range(1, 10_001))
    assert client.pipeline([("INCR", key)] * 10_000) == counts


def test_pipeline_is_read_while_it_is_written(client: RedisClient) -> None:
    payload = bytes(1000)
    commands = b"".join(encode_command("ECHO", b"%d:%s" % (n, payload)) for n in range(10_000))
    writer = threading.Thread(target=client.sock.send, args=(commands,), daemon=True)
    writer.start()
    for number in range(10_000):
        assert client.reply() == b"%d:%s" % (number, payload)
    writer.join(10)
    assert not writer.is_alive()


def test_64_mib_both_ways(client: RedisClient, key: str, big_value: bytes) -> None:
    assert client.command("SET", key, big_value) == b"OK"
    assert client.command("EVAL", DIGEST, 1, key) == hashlib.sha1(big_value).hexdigest().encode()
    value = client.command("GET", key)
    assert isinstance(value, bytes)
    assert hashlib.sha1(value).digest() == hashlib.sha1(big_value).digest()
    assert client.command("DEL", key) == 1


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_blocked_pop_that_times_out_loses_nothing(
    redis: Redis, transport: str, buffered: bool, key: str
) -> None:
    with (
        connected(redis, transport, buffered) as waiting,
        connected(redis, transport, buffered) as pushing,
    ):
        popper, pusher = RedisClient(waiting, PATIENCE), RedisClient(pushing, PATIENCE)
        popper.send("BLPOP", key, 0)
        begin = time.monotonic()
        with pytest.raises(nimnet.TimeoutError):
            recv_text_line(waiting, 100)
        assert 0.1 <= time.monotonic() - begin < 5
        assert pusher.command("RPUSH", key, "first", "second") == 2
        assert popper.reply() == [key.encode(), b"first"]
        assert popper.command("LPOP", key) == b"second"


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_part_of_a_reply_outlives_a_timeout(
    redis: Redis, transport: str, buffered: bool, key: str
) -> None:
    with connected(redis, transport, buffered) as sock:
        client = RedisClient(sock, PATIENCE)
        client.command("SET", key, "0123456789")
        client.send("GET", key)
        with pytest.raises(nimnet.TimeoutError):
            sock.recv(1000, 100)  # the whole reply arrives, and it is not enough
        assert client.reply() == b"0123456789"
        assert client.command("PING") == b"PONG"


def test_server_that_closes_ends_the_stream_after_its_last_reply(client: RedisClient) -> None:
    assert client.command("QUIT") == b"OK"
    assert client.sock.recv_line(PATIENCE) == b""
    assert client.sock.recv(1, PATIENCE) == b""


@pytest.mark.parametrize("buffered", [True, False], ids=["buffered", "unbuffered"])
def test_connect_by_name(redis: Redis, buffered: bool) -> None:
    with new_socket(buffered=buffered) as sock:
        sock.connect("localhost", Port(redis.port), timeout=PATIENCE)
        assert sock.get_peer_addr() == ("127.0.0.1", Port(redis.port))
        assert RedisClient(sock, PATIENCE).command("PING") == b"PONG"
