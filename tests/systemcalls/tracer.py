"""strace: attaches to a process, records its system calls and has the kernel fail one of them."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

RECORDED: Final = (
    *("socket", "bind", "listen", "accept4", "accept", "connect", "shutdown"),
    *("getsockname", "getpeername", "getsockopt", "setsockopt"),
    *("recvfrom", "recvmsg", "sendto", "sendmsg", "read", "write", "poll", "ppoll"),
    *("close", "ioctl", "fcntl", "openat", "newfstatat", "fstat", "lseek", "getdents64"),
    *("clone", "clone3", "mmap", "brk", "getsid"),
)
"""The system calls that are recorded, and can fail."""
MARKER: Final = "getsid"
"""The one that nothing else makes: it surrounds the call that is looked at."""
_PATIENCE: Final = 30
"""Seconds that strace has, to attach or to let go."""
_LINE: Final = re.compile(r"^(?P<thread>\d+)\s+(?P<name>\w+)\((?P<rest>.*)$")


@dataclass(frozen=True)
class Call:
    """A system call that was made.

    Attributes:
        thread: Which thread made it.
        name: Its name.
        arguments: Its arguments, and what strace says of its result.
        number: Which call of its name in its thread, since strace attached, from 1 on.
        injected: Whether strace had it fail.
    """

    thread: int
    name: str
    arguments: str
    number: int
    injected: bool

    @property
    def kind(self) -> str:
        """Its name, or `fopen`: Python lets no program that it starts inherit what it opens."""
        return "fopen" if self.name == "openat" and "O_CLOEXEC" not in self.arguments else self.name


@dataclass(frozen=True)
class Injection:
    """A system call that is to fail: one of a name, by its number since strace attached.

    Attributes:
        name: Its name.
        outcome: The error number by its name, or what it returns without having done anything.
        number: Which call in a thread; in every thread, if there are more.
    """

    name: str
    outcome: str
    number: int

    @property
    def option(self) -> str:
        """What strace is told."""
        how = "retval" if self.outcome.isdigit() else "error"
        return f"inject={self.name}:{how}={self.outcome}:when={self.number}"


class Record:
    """What strace has seen, once it has let go.

    Attributes:
        text: That.
    """

    def __init__(self) -> None:
        """Has seen nothing."""
        self.text = ""

    def calls(self) -> list[Call]:
        """Returns the calls between the two markers, those of other threads among them."""
        numbers: dict[tuple[int, str], int] = {}
        found: list[Call] = []
        markers = 0
        for line in self.text.splitlines():
            match = _LINE.match(line)
            if match is None:
                continue
            thread, name = int(match["thread"]), match["name"]
            numbers[thread, name] = number = numbers.get((thread, name), 0) + 1
            if name == MARKER:
                markers += 1
            elif markers == 1:
                found.append(Call(thread, name, match["rest"], number, "(INJECTED)" in line))
        return found


@contextlib.contextmanager
def attached(process: int, injection: Injection | None = None) -> Iterator[Record]:
    """Traces a process with all its threads; those that it forked before are not traced.

    Args:
        process: It.
        injection: What is to fail; None for nothing.
    """
    record = Record()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "record"
        command = ["strace", "-f", "-s", "16", "-o", str(file), "-e", f"trace={','.join(RECORDED)}"]
        if injection is not None:
            command += ["-e", injection.option]
        with subprocess.Popen(
            [*command, "-p", str(process)],
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as strace:
            assert strace.stderr is not None
            try:
                _await_attached(strace.stderr)
                yield record
            finally:
                strace.send_signal(signal.SIGINT)
                strace.stderr.read()
                strace.wait(_PATIENCE)
        record.text = file.read_text(encoding="utf-8", errors="replace")


def _await_attached(messages: IO[str]) -> None:
    told = ""
    for line in messages:
        told += line
        if "attached" in line:
            return
    raise RuntimeError(f"strace does not attach: {told.strip()}")


@dataclass(frozen=True)
class Obstacle:
    """What keeps strace from tracing here.

    Attributes:
        reason: That in words.
        forbidden: Whether the system forbids it to this program; else strace is what is missing.
    """

    reason: str
    forbidden: bool


@functools.cache
def obstacle() -> Obstacle | None:
    """Returns what keeps strace from tracing here; None if nothing does."""
    if shutil.which("strace") is None:
        return Obstacle("strace is not installed (Debian and Ubuntu: apt install strace)", False)
    traced = subprocess.run(
        ["strace", "-o", os.devnull, "-e", "trace=getsid", "true"],
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    if traced.returncode == 0:
        return None
    return Obstacle(f"the system forbids ptrace: {traced.stderr.strip()}", True)
