"""The programs in `examples/`, each run as its user would, and peers made for one of them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from harness.programs import RUN_WITHIN, Program, run, started, wait_until

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"

PATIENCE = 30.0
"""Seconds that the other end of a program may take."""


def command(name: str, *arguments: object) -> list[str]:
    """Return the command line that runs an example."""
    return [sys.executable, str(EXAMPLES / name), *map(str, arguments)]


def text_of(name: str, *arguments: object, status: int = 0) -> str:
    """Return what an example printed that ended with this status."""
    return run(command(name, *arguments), status=status).decode()


def ended(
    name: str, *arguments: object, given: bytes = b"", **variables: str
) -> subprocess.CompletedProcess[str]:
    """Run an example to its end, which is no traceback.

    Args:
        name: The example.
        arguments: Its arguments.
        given: Its standard input.
        variables: What its environment has besides.
    """
    done = subprocess.run(
        command(name, *arguments),
        input=given,
        capture_output=True,
        timeout=RUN_WITHIN,
        env={**os.environ, **variables},
        check=False,
    )
    said, complaint = done.stdout.decode(), done.stderr.decode()
    assert "Traceback" not in complaint
    return subprocess.CompletedProcess(done.args, done.returncode, said, complaint)


def complaint_of(name: str, *arguments: object) -> tuple[str, str]:
    """Return what an example that fails printed, and what it complained of."""
    done = ended(name, *arguments)
    assert done.returncode == 1, done
    return done.stdout, done.stderr


@contextlib.contextmanager
def server(folder: Path, name: str, *arguments: object) -> Iterator[tuple[Program, int]]:
    """Run an example that serves; gives it and the port that it chose."""
    with started(command(name, *arguments), folder) as program:
        said = re.compile(r"^listening on port (\d+)$", re.MULTILINE)
        wait_until(program, lambda: said.search(program.output()) is not None)
        found = said.search(program.output())
        assert found
        yield program, int(found[1])


def wait_for(program: Program, text: str) -> None:
    """Wait until a program has printed something."""
    wait_until(program, lambda: text in program.output())


@contextlib.contextmanager
def played(play: Callable[[socket.socket], None]) -> Iterator[int]:
    """Serve one connection with `play`; gives the port. What `play` raises fails the test."""
    faults: list[Exception] = []

    def serve() -> None:
        try:
            with listener.accept()[0] as connection:
                connection.settimeout(PATIENCE)
                play(connection)
        except Exception as error:
            faults.append(error)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(PATIENCE)
        # A test that fails before it connects waits for nobody.
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield int(listener.getsockname()[1])
        thread.join()
    if faults:
        raise faults[0]


def line_of(connection: socket.socket) -> bytes:
    """The next line, with its end; an `EOFError` where there is none, so that no loop goes on."""
    line = b""
    while not line.endswith(b"\n"):
        byte = connection.recv(1)
        if not byte:
            raise EOFError(f"the client has closed after {line!r}")
        line += byte
    return line
