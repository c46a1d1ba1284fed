"""Processes that one speaks with in lines: each on the processor it is given, and always ended."""

import contextlib
import os
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

TESTS: Final = Path(__file__).resolve().parents[1]
"""The folder that has this package."""
PATIENCE: Final = 60.0
"""Seconds that a process may take for an answer: a block takes a hundredth of one."""
GRACE: Final = 10.0
"""Seconds that a process may take to end."""


class Ended(Exception):  # noqa: N818  # it is no error of the one that it is raised in
    """A process has ended, or has said what nobody expected."""


@dataclass(frozen=True)
class Spoken:
    """A process that is spoken with.

    Attributes:
        name: What it is called in messages.
    """

    name: str
    _process: subprocess.Popen[str]
    _stdin: IO[str]
    _stdout: IO[str]

    def hear(self) -> str:
        """Waits for the next line that it says.

        Raises:
            Ended: There is none.
        """
        giving_up = threading.Timer(PATIENCE, self._process.kill)
        giving_up.start()
        try:
            line = self._stdout.readline()
        finally:
            giving_up.cancel()
        if not line:
            raise Ended(f"{self.name} has ended, or said nothing for {PATIENCE:.0f} seconds")
        return line.rstrip("\n")

    def ask(self, question: str) -> str:
        """Says a line, and returns the answer.

        Raises:
            Ended: It answers nothing.
        """
        with contextlib.suppress(BrokenPipeError):  # `hear` says so
            self._stdin.write(question + "\n")
            self._stdin.flush()
        return self.hear()


@contextmanager
def spoken_with(
    name: str, command: Sequence[str], *, processor: int | None = None
) -> Iterator[Spoken]:
    """Runs a program from the folder of the tests, for as long as the context lasts.

    Args:
        name: What it is called in messages.
        command: The program and its arguments.
        processor: One of `processors()`, or None for any.
    """
    process = subprocess.Popen(
        command,
        cwd=TESTS,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if processor is not None and hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {processor})
        yield Spoken(name, process, process.stdin, process.stdout)
    finally:
        with contextlib.suppress(BrokenPipeError):  # it has ended with something unread
            process.stdin.close()
        try:
            process.wait(GRACE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def environment() -> Mapping[str, str]:
    """Returns the variables of a process that is measured: none that would make it another one.

    Hashes fall the same in all of them, and bytecode is cached, as users have it.
    """
    unwanted = ("PYTHON", "COV", "MYPY", "NIMNET")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    return {**kept, "PYTHONHASHSEED": "0"}


def processors() -> tuple[int | None, int | None]:
    """Returns one processor for what is measured and one for its peer; None where any has to do."""
    if not hasattr(os, "sched_getaffinity"):
        return None, None
    allowed = sorted(os.sched_getaffinity(0))
    return (allowed[-1], allowed[-2]) if len(allowed) > 1 else (None, None)
