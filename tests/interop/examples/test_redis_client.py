"""`examples/redis_client.py`: a pipeline of commands, and what interrupts it."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import socket
import subprocess
import sys

import pytest
from harness.examples import EXAMPLES, PATIENCE, ended, line_of, played
from harness.programs import RUN_WITHIN
from harness.redis import Redis


def redis_said(port: int, commands: str, *arguments: str, status: int = 0) -> tuple[str, str]:
    """Run commands with the example; returns what it printed, and what it complained of."""
    done = ended("redis_client.py", "127.0.0.1", port, *arguments, given=commands.encode())
    assert done.returncode == status, done
    return done.stdout, done.stderr


def test_a_pipeline_of_a_real_redis(own_redis: Redis) -> None:
    commands = """\
        SET greeting 'hello, world'
        GET greeting
        GET nothing
        INCR count
        INCR greeting
        RPUSH list one two three
        LRANGE list 0 -1
        LRANGE none 0 -1
        EVAL "return {1, {'two', redis.error_reply('THREE no')}, false}" 0
        ECHO end
        """
    printed, _ = redis_said(own_redis.port, commands)
    assert printed.splitlines() == [
        "OK",
        "hello, world",
        "(nil)",
        "1",
        "(error) ERR value is not an integer or out of range",
        "3",
        "[one, two, three]",
        "[]",
        "[1, [two, (error) THREE no], (nil)]",
        "end",
    ]


def test_ten_thousand_commands_of_a_real_redis(own_redis: Redis) -> None:
    printed, _ = redis_said(own_redis.port, "INCR count\n" * 10_000)
    assert printed.splitlines() == [str(number) for number in range(1, 10_001)]


def test_a_redis_that_is_slow_wants_a_password_or_is_not_there(own_redis: Redis) -> None:
    _, complaint = redis_said(own_redis.port, "BLPOP none 30", "--timeout", "200", status=1)
    assert complaint.startswith("TimeoutError: ")
    redis_said(own_redis.port, "CONFIG SET requirepass secret")
    _, complaint = redis_said(own_redis.port, "GET greeting", status=1)
    assert complaint == "ErrorReplyError: NOAUTH Authentication required.\n"
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]
    _, complaint = redis_said(port, "GET greeting", status=1)
    assert complaint.startswith("BrokenError: no connection to 127.0.0.1: ")


@pytest.mark.parametrize(
    ("said", "complaint"),
    [
        (b"$5\r\nhello", "a value of 5 bytes does not end where it should"),
        (b"$6\r\nhello\r\n+\r\n", "a value of 6 bytes does not end where it should"),
        (b"$1099511627776\r\n", "1099511627776 is no size from -1 to 536870912"),
        (b":1_\r\n", "this is no number: b'1_'"),
        (b"*1\r\n" * 17, "no value begins like this: b'*1'"),
        (b"", "the server has closed"),
    ],
    ids=["cut", "size", "huge", "number", "deep", "closed"],
)
def test_what_is_no_redis(said: bytes, complaint: str) -> None:
    def play(connection: socket.socket) -> None:
        line_of(connection)
        connection.sendall(said)
        connection.shutdown(socket.SHUT_WR)
        with contextlib.suppress(OSError):
            while connection.recv(1_000):
                pass

    with played(play) as port:
        assert redis_said(port, "", status=1) == ("", f"BrokenError: {complaint}\n")


INTERRUPTED = """\
import signal, sys
import redis_client
from nimnet import Port

signal.signal(signal.SIGINT, signal.default_int_handler)
with redis_client.connected("127.0.0.1", Port(int(sys.argv[1]))) as redis:
    try:
        redis.command("GET", "secret of somebody else")
    except KeyboardInterrupt:
        try:
            redis.command("GET", "greeting")
        except redis_client.BrokenError as error:
            print(error)
"""


def test_a_pipeline_that_is_interrupted_leaves_no_reply_to_the_next() -> None:
    clients: queue.SimpleQueue[int] = queue.SimpleQueue()

    def play(connection: socket.socket) -> None:
        line_of(connection)
        os.kill(clients.get(timeout=PATIENCE), signal.SIGINT)
        while connection.recv(1_000):
            pass

    with (
        played(play) as port,
        subprocess.Popen(
            [sys.executable, "-c", INTERRUPTED, str(port)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=EXAMPLES,
        ) as client,
    ):
        clients.put(client.pid)
        printed, _ = client.communicate(timeout=RUN_WITHIN)
    assert printed == "the conversation is over: a pipeline was interrupted\n"
