"""A Redis server of the test's own: in memory, on loopback, with TLS and without, and on a path."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.authority import Identity
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
    """A Redis server that accepts connections; on `tls_port`, 0 without TLS, from who is known."""

    program: Program
    port: int
    tls_port: int
    path: Path


@contextlib.contextmanager
def redis_server(identity: Identity | None = None, ca_file: str = "") -> Iterator[Redis]:
    """Run a Redis server.

    Args:
        identity: The certificate it shows; without, it does not speak TLS.
        ca_file: The authorities one of which must vouch for its TLS clients.
    """
    server = find("redis-server")
    with (
        tempfile.TemporaryDirectory(prefix="nimnet-redis-") as name,
        reserved_port() as port,
        reserved_port() as tls_port,
    ):
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
        if identity is not None:
            options |= {
                "tls-port": str(tls_port),
                "tls-cert-file": identity.cert_file,
                "tls-key-file": identity.key_file,
                "tls-ca-cert-file": ca_file,
                "tls-auth-clients": "yes",
            }
        argv = [server, *(word for key, value in options.items() for word in (f"--{key}", value))]
        with started(argv, directory) as program:
            wait_until(program, lambda: accepts_unix(path) and accepts_tcp(port))
            yield Redis(program, port, tls_port if identity else 0, path)
