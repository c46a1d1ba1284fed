"""Nim's own program, compiled by it as fast as it can: `nim c -d:danger --mm:arc`."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from benchmarks.processes import Spoken, processors, spoken_with
from benchmarks.rounds import Side
from benchmarks.samples import Contender
from benchmarks.sides import Blocks, Peer

FLAGS: Final = ("-d:danger", "--mm:arc")
_SOURCE: Final = Path(__file__).with_name("lines.nim")


class Missing(Exception):  # noqa: N818  # it is a reason, not an error
    """A side cannot be measured here; the message says why."""


class Nim:
    """Compiles the program when it is first wanted."""

    def __init__(self, folder: Path, peer: Peer, block: float) -> None:
        """Takes where the program goes, its other end, and how many seconds a block is to take."""
        self._folder, self._peer, self._block = folder, peer, block
        self._program: Path | None = None

    def side(self, size: int) -> Side:
        """Returns what starts the program that reads lines of so many bytes.

        Raises:
            Missing: There is no Nim, or it does not compile the program.
        """
        program = self._compiled()

        @contextmanager
        def start() -> Iterator[Contender]:
            command = [str(program), str(self._peer.control), str(size)]
            with spoken_with("the program of Nim's", command, processor=processors()[0]) as process:
                yield Blocks(_ready(process)).scaled(self._block)

        return start

    def _compiled(self) -> Path:
        if self._program is None:
            nim = shutil.which("nim")
            if nim is None:
                raise Missing("nim is not installed")
            program = self._folder.absolute() / "lines"
            cache = self._folder.absolute() / "cache"
            command = [nim, "c", *FLAGS, "--hints:off", f"--nimcache:{cache}", f"--out:{program}"]
            done = subprocess.run(
                [*command, str(_SOURCE)], capture_output=True, text=True, check=False
            )
            if done.returncode:
                raise Missing(f"nim does not compile its program: {done.stderr.strip()[-300:]}")
            self._program = program
        return self._program


def _ready(process: Spoken) -> Spoken:
    process.hear()
    return process
