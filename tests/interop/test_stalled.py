"""A real server that hangs in the middle: deadlines hold, and afterwards nothing is missing."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import nimnet
import pytest
from harness.programs import Program
from harness.redis import Redis
from interop.client import RedisClient, connect_unix, encode_command, recv_text_line
from nimnet import IPPROTO_TCP, Port, Socket, dial

PATIENCE = 20_000
SHORT = 300
MIB = 1 << 20


@pytest.fixture(params=["tcp", "unix"])
def transport(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=[True, False], ids=["buffered", "unbuffered"])
def sock(request: pytest.FixtureRequest, own_redis: Redis, transport: str) -> Iterator[Socket]:
    buffered = bool(request.param)
    if transport == "unix":
        connection = connect_unix(str(own_redis.path), buffered=buffered, timeout=PATIENCE)
    else:
        port = Port(own_redis.port)
        connection = dial("127.0.0.1", port, IPPROTO_TCP, buffered, timeout=PATIENCE)
    with connection:
        yield connection


@contextmanager
def times_out() -> Iterator[None]:
    """Demand that what is done here waits for its time, and for that only."""
    begin = time.monotonic()
    with pytest.raises(nimnet.TimeoutError):
        yield
    assert SHORT / 1000 <= time.monotonic() - begin < 5


def test_silent_server(own_redis: Redis, sock: Socket) -> None:
    client = RedisClient(sock, PATIENCE)
    with own_redis.program.paused():
        client.send("ECHO", "late")
        with times_out():
            sock.recv_line(SHORT)
        with times_out():
            sock.recv(4, SHORT)
        with times_out():
            sock.skip(1, SHORT)
    assert client.reply() == b"late"
    assert client.command("PING") == b"PONG"


def test_connection_to_a_server_that_does_not_run(own_redis: Redis) -> None:
    with own_redis.program.paused():
        late = connect_unix(str(own_redis.path), timeout=PATIENCE)  # the system accepts
        with times_out():
            RedisClient(late, SHORT).command("PING")
    with late:
        assert RedisClient(late, PATIENCE).reply() == b"PONG"


def test_stall_within_what_it_sends(own_redis: Redis, sock: Socket, big_value: bytes) -> None:
    client = RedisClient(sock, PATIENCE)
    client.command("SET", "key", big_value)
    client.send("GET", "key")
    assert recv_text_line(sock, PATIENCE) == b"$%d" % len(big_value)
    head = sock.recv(MIB, PATIENCE)
    rest = len(big_value) - MIB
    with own_redis.program.paused():
        for _ in range(2):
            with times_out():
                sock.recv(rest, SHORT)
    tail = sock.recv(rest, PATIENCE)
    assert sock.recv(2, PATIENCE) == b"\r\n"
    assert len(head) + len(tail) == len(big_value)
    assert hashlib.sha1(head + tail).digest() == hashlib.sha1(big_value).digest()
    assert client.command("PING") == b"PONG"


def test_stall_within_what_it_takes(own_redis: Redis, sock: Socket, big_value: bytes) -> None:
    client = RedisClient(sock, PATIENCE)
    command = memoryview(encode_command("SET", "key", big_value))
    with own_redis.program.paused():
        accepted = 0
        for _ in range(2):
            accepted += send_until_timeout(sock, command[accepted:])
        assert 0 < accepted < len(command)
    sock.send(command[accepted:], timeout=PATIENCE)
    assert client.reply() == b"OK"
    digest = hashlib.sha1(big_value).hexdigest().encode()
    script = "return redis.sha1hex(redis.call('GET', 'key'))"
    assert client.command("EVAL", script, 0) == digest


def send_until_timeout(sock: Socket, data: memoryview) -> int:
    """Send to a server that does not read; return how much the error says was accepted."""
    begin = time.monotonic()
    with pytest.raises(nimnet.TimeoutError) as caught:
        sock.send(data, timeout=SHORT)
    assert SHORT / 1000 <= time.monotonic() - begin < 5
    said = re.search(r"(\d+) of (\d+) bytes", str(caught.value))
    assert said, caught.value
    assert int(said[2]) == len(data)
    return int(said[1])


def test_server_that_dies_ends_the_stream(own_redis: Redis, sock: Socket) -> None:
    assert RedisClient(sock, PATIENCE).command("PING") == b"PONG"
    end(own_redis.program)
    assert sock.recv_line(PATIENCE) == b""
    assert sock.recv(1, PATIENCE) == b""


def end(program: Program) -> None:
    """End a program as a crash would."""
    program.process.kill()
    program.process.wait()
