"""socat as a server of datagrams, and of connections that end one side before the other."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from harness.authority import Identity
from harness.programs import Program, accepts_tcp, find, reserved_port, started, wait_until

LARGEST = 65536
"""The size of socat's buffer here; with its default of 8192 it would cut larger datagrams."""


@contextlib.contextmanager
def udp_echo(directory: Path) -> Iterator[int]:
    """Run a UDP server that sends every datagram back; gives its loopback port."""
    socat = find("socat")
    with contextlib.ExitStack() as stack:
        with reserved_port(socket.SOCK_DGRAM) as port:
            address = f"UDP4-RECVFROM:{port},bind=127.0.0.1,reuseaddr,fork"
            argv = [socat, "-b", str(LARGEST), address, "PIPE"]
            program = stack.enter_context(started(argv, directory))
            wait_until(program, lambda: answers(port))
        yield port


def answers(port: int) -> bool:
    """Return whether a UDP server on loopback sends a datagram back, within a moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.05)
        probe.connect(("127.0.0.1", port))
        with contextlib.suppress(OSError):
            probe.send(b"?")
            return probe.recv(1) == b"?"
    return False


@contextlib.contextmanager
def udp_recorder(directory: Path, record: Path) -> Iterator[tuple[Program, int]]:
    """Run a program that writes datagrams to a file and ends at an empty one; gives its port."""
    socat = find("socat")
    with contextlib.ExitStack() as stack:
        with reserved_port(socket.SOCK_DGRAM) as port:
            address = f"UDP4-RECV:{port},bind=127.0.0.1,reuseaddr,null-eof"
            argv = [socat, "-u", "-d", "-d", "-b", str(LARGEST), address, f"CREATE:{record}"]
            program = stack.enter_context(started(argv, directory))
            wait_until(program, lambda: "starting data transfer loop" in program.output())
        yield program, port


@contextlib.contextmanager
def answers_at_the_end(directory: Path, identity: Identity | None = None) -> Iterator[int]:
    """Run a server that sends everything back, backwards, once its client has ended its side.

    Args:
        directory: Where it runs.
        identity: Its certificate, if it speaks TLS.

    Yields:
        Its loopback port.
    """
    socat, tac = find("socat"), find("tac")
    with contextlib.ExitStack() as stack:
        with reserved_port() as port:
            address = f"TCP4-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork"
            if identity is not None:
                files = f"cert={identity.cert_file},key={identity.key_file},verify=0"
                address = f"OPENSSL-LISTEN:{port},bind=127.0.0.1,reuseaddr,fork,{files}"
            # After one side has ended, it gives the other its own time.
            program = stack.enter_context(
                started([socat, "-t", "20", address, f"EXEC:{tac}"], directory)
            )
            wait_until(program, lambda: accepts_tcp(port))
        yield port
