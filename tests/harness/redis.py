"""A Redis server of the test's own: empty, in memory only, on loopback and on a Unix socket."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.programs import (
    Program,
    accepts_tcp,
    accepts_unix,
    find,
    reserved_port,
    started,
    wait_until,
)


@dataclass(frozen=True)
class Redis:
    """A Redis server that accepts connections."""

    program: Program
    port: int
    path: Path


@contextlib.contextmanager
def redis_server() -> Iterator[Redis]:
    """Run a Redis server."""
    server = find("redis-server")
    with tempfile.TemporaryDirectory(prefix="nimnet-redis-") as name, reserved_port() as port:
        directory = Path(name)
        path = directory / "redis.sock"
        options = {
            "port": str(port),
            "bind": "127.0.0.1",
            "unixsocket": str(path),
            "dir": name,
            "save": "",
            "appendonly": "no",
            "daemonize": "no",
        }
        argv = [server, *(word for key, value in options.items() for word in (f"--{key}", value))]
        with started(argv, directory) as program:
            wait_until(program, lambda: accepts_unix(path) and accepts_tcp(port))
            yield Redis(program, port, path)
