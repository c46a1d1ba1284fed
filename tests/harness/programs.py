"""Real programs as the other end: found, started, waited for, paused and always ended.

Each program runs in the foreground and in a session of its own, so that ending it ends what it has
forked. Its output goes to a file; `tests/interop/conftest.py` shows that beside a failure.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

READY_WITHIN = 15.0
"""Seconds a program may take until it is ready."""

GRACE = 5.0
"""Seconds between the request to end and the kill."""

SHOWN = 4000
"""How much of a program's output a report shows, in characters."""

RUN_WITHIN = 60.0
"""Seconds a program that does one thing may take."""


def missing(what: str) -> NoReturn:
    """Skip the test, or fail it where peers are promised: the one place that decides.

    Args:
        what: What is not installed.
    """
    unavailable(f"{what} is not installed")


def unavailable(reason: str) -> NoReturn:
    """As `missing`, with a whole reason."""
    if os.environ.get("NIMNET_REQUIRE_PEERS") == "1":
        pytest.fail(f"{reason}, and NIMNET_REQUIRE_PEERS=1 demands it", pytrace=False)
    pytest.skip(reason)


def find(name: str) -> str:
    """Return the path of an installed program; servers are often outside a user's PATH."""
    places = [os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    return shutil.which(name, path=os.pathsep.join(places)) or missing(f"the program {name}")


def need_module(name: str) -> None:
    """Demand that the interpreter that runs the tests can import a module."""
    if importlib.util.find_spec(name) is None:
        missing(f"the Python module {name}")


@dataclass(frozen=True)
class Program:
    """A program that runs, and where its output goes."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def output(self) -> str:
        """Return the end of what the program has written so far."""
        return self.log.read_text(errors="replace")[-SHOWN:]

    def type(self, text: bytes) -> None:
        """Write to the standard input of a program that was started for it."""
        assert self.process.stdin is not None, f"{self.name} was not started with typed=True"
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def signal_all(self, number: signal.Signals) -> None:
        """Send a signal to the program and to what it has forked."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Stop the program where it is, as a machine that hangs would, and let it go on after."""
        self.signal_all(signal.SIGSTOP)
        try:
            end = time.monotonic() + READY_WITHIN
            while not os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOWAIT | os.WNOHANG):
                assert time.monotonic() < end, f"{self.name} does not stop"
                time.sleep(0.001)
            yield
        finally:
            self.signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """End the program: politely, and after a time of grace by force."""
        self.signal_all(signal.SIGTERM)
        self.signal_all(signal.SIGCONT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(GRACE)
        self.signal_all(signal.SIGKILL)
        self.process.wait()


running: list[Program] = []
"""The programs that run now, for the report of a failure."""


@contextlib.contextmanager
def started(
    argv: Sequence[str],
    directory: Path,
    *,
    environment: Mapping[str, str] | None = None,
    descriptors: Sequence[int] = (),
    typed: bool = False,
) -> Iterator[Program]:
    """Run a program for as long as the context lasts.

    Args:
        argv: The program's path and its arguments.
        directory: Where it runs, and where its output is kept.
        environment: Variables beside those of this process.
        descriptors: Descriptors that it inherits.
        typed: Whether its standard input is a pipe, for `Program.type`.
    """
    name = Path(argv[0]).name
    log = directory / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=directory,
            env={**os.environ, **(environment or {})},
            pass_fds=descriptors,
            stdin=subprocess.PIPE if typed else subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    program = Program(name, process, log)
    running.append(program)
    try:
        yield program
    finally:
        program.stop()
        if process.stdin is not None:
            process.stdin.close()
        running.remove(program)


def wait_until(program: Program, ready: Callable[[], bool]) -> None:
    """Wait until a program that has been started is ready.

    Raises:
        AssertionError: It ended before, or took too long; with its output.
    """
    end = time.monotonic() + READY_WITHIN
    while True:
        status = program.process.poll()  # before looking: what it did last is seen, too
        if ready():
            return
        assert status is None, f"{program.name} ended with {status}:\n{program.output()}"
        assert time.monotonic() < end, f"{program.name} is not ready:\n{program.output()}"
        time.sleep(0.005)


def accepts_unix(path: Path) -> bool:
    """Return whether a Unix socket accepts connections."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def accepts_tcp(port: int) -> bool:
    """Return whether a port of the loopback address accepts connections."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def reserved_port(kind: socket.SocketKind = socket.SOCK_STREAM) -> Iterator[int]:
    """Hold a free loopback port for a program that cannot choose one itself.

    The port stays bound, without listening, until the context ends. Meanwhile the system gives it
    to nobody who asks for any port, but a program that names it and sets SO_REUSEADDR gets it: no
    other test can take the port between the choice and the program's start.
    """
    with socket.socket(socket.AF_INET, kind) as holder:
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", 0))
        yield int(holder.getsockname()[1])


def run(
    argv: Sequence[str],
    *,
    data: bytes = b"",
    status: int = 0,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
) -> bytes:
    """Run a program to its end and return what it printed.

    Args:
        argv: The program's path and its arguments.
        data: What it finds on its standard input, which is a file: one read has it all, where a
            pipe gives what has arrived (and socat makes a datagram of that).
        status: The exit status it must have.
        cwd: Where it runs.
        env: Its environment; None for that of this process.

    Raises:
        AssertionError: It had another one; with what it wrote.
    """
    with tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        done = subprocess.run(
            argv,
            stdin=given,
            capture_output=True,
            timeout=RUN_WITHIN,
            check=False,
            cwd=cwd,
            env=env,
        )
    assert done.returncode == status, (
        f"{' '.join(argv)}\nended with {done.returncode} instead of {status}:\n"
        f"{done.stdout[-SHOWN:].decode(errors='replace')}"
        f"{done.stderr[-SHOWN:].decode(errors='replace')}"
    )
    return done.stdout
