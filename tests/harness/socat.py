"""socat as a datagram server."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Iterator
from pathlib import Path

from harness.programs import Program, find, reserved_port, started, wait_until

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
