"""The compiled program at work on one scenario: lines from it, answers to it, and its end."""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

_AT_ONCE: Final = 1 << 16
"""The most bytes taken from a pipe at once."""

_ENDING: Final = 5.0
"""Seconds that a program has between its verdict and its end."""


class ProgramFaultError(Exception):
    """The program did what none of its scenarios can: a defect of the oracle itself."""


def _opened(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None, "it was asked for"
    return pipe


class NimProgram:
    """A process that runs one scenario; a context manager, which ends it in any case."""

    def __init__(self, program: Path, arguments: Sequence[str], folder: Path) -> None:
        """Starts it.

        Args:
            program: The compiled program.
            arguments: The scenario, and what it is given.
            folder: Where it works, and what it makes by names of its own disappears.
        """
        self._process = subprocess.Popen(
            [program.absolute(), *arguments],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        pipes = (self._process.stdin, self._process.stdout, self._process.stderr)
        self._input, self._output, self._errors = (_opened(pipe) for pipe in pipes)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        self._buffer = b""
        self.is_over = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.wait()
        self._selector.close()
        for stream in (self._input, self._output, self._errors):
            with contextlib.suppress(BrokenPipeError):  # of an answer that nobody has read
                stream.close()

    def lines(self, seconds: float) -> list[str]:
        """Return the lines that came meanwhile, or what came within a time if there was nothing."""
        if self._selector.select(seconds):
            part = os.read(self._output.fileno(), _AT_ONCE)
            self.is_over = not part
            self._buffer += part
        *whole, self._buffer = self._buffer.split(b"\n")
        return [line.decode() for line in whole]

    def answer(self, answer: bytes) -> None:
        """Answer a question; if it has ended meanwhile, its fate will tell."""
        with contextlib.suppress(BrokenPipeError):
            self._input.write(answer.hex().encode() + b"\n")
            self._input.flush()

    def worked(self) -> float:
        """Return for how many seconds it has kept a processor busy."""
        user, system = self._stat()[11:13] or ("0", "0")
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def sleeps(self) -> bool:
        """Tell whether it waits for somebody, and not for a processor or a disk."""
        return self._stat()[:1] == ["S"]

    def _stat(self) -> Sequence[str]:
        """Return what proc(5) has about it from its state on; nothing if it has ended."""
        try:
            stat = Path(f"/proc/{self._process.pid}/stat").read_bytes()
        except OSError:
            return []
        return stat.rpartition(b")")[2].decode().split()

    def release(self) -> None:
        """Let it end, as it does after its verdict when nothing more comes; wait for that."""
        self._input.close()
        try:
            self._process.wait(_ENDING)
        except subprocess.TimeoutExpired:
            self._process.kill()

    def fate(self) -> str:
        """Return the name of the signal that ended it.

        Raises:
            ProgramFaultError: It ended in another way, which no scenario can bring about.
        """
        status = self._process.wait(_ENDING)
        if status < 0:
            return signal.Signals(-status).name
        words = self._errors.read().decode(errors="replace")
        raise ProgramFaultError(f"the program ended with status {status}\n{words}")
