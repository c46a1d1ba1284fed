"""The Nim program with all scenarios: compiled when a source of it has changed, once for all."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_SUPPORT: Final = Path(__file__).parent / "nim"
"""What programs of every project import."""
_BARE: Final = Path(__file__).parent / "bare"
"""The stage of a project that has none. In a folder of its own: Nim looks beside a file first."""

_FLAGS: Final = (
    "--define:noSignalHandler",  # a crash ends it by the signal, which tells what happened
    "--threads:off",
    "--hints:off",
    "--warnings:off",
    "--skipUserCfg",
    "--skipParentCfg",
)
"""Nim's defaults besides: its checks are on, so that mistakes show as defects."""


class CompilationError(Exception):
    """Nim did not compile the program; the message is the compiler's."""


class NoCompilerError(Exception):
    """Nim, or the C compiler that it needs, is not installed; the message names it."""


@dataclass(frozen=True)
class Sources:
    """What a program is made of.

    Attributes:
        generated: Where the generated sources are.
        support: Where the project's own modules are, which come before the general ones.
        build: Where the program and what the compiler leaves are put.
        flags: What the compiler is told besides.
    """

    generated: Path
    support: Path
    build: Path
    flags: Sequence[str] = ()

    def compiled(self) -> Path:
        """Return the path of the program, compiled before if need be.

        The processes of a parallel test run wait for the first one that comes.

        Raises:
            NoCompilerError: A compiler is missing.
            CompilationError: The sources do not compile.
        """
        nim = _found("nim")
        _found("gcc")
        self.build.mkdir(parents=True, exist_ok=True)
        program, stamp = self.build / "oracle", self.build / "oracle.stamp"
        with (self.build / "lock").open("wb") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            wanted = self._stamp(nim)
            if (
                not program.exists()
                or not stamp.exists()
                or stamp.read_text(encoding="ascii") != wanted
            ):
                stamp.unlink(missing_ok=True)
                self._compile(nim, program)
                stamp.write_text(wanted, encoding="ascii")
        return program

    @property
    def _options(self) -> list[str]:
        # Nim looks into the last one first.
        folders = [_BARE, _SUPPORT, self.support]
        return [*_FLAGS, *self.flags, *(f"--path:{folder}" for folder in folders)]

    def _stamp(self, nim: str) -> str:
        """Return what the program depends on: the sources, the flags and the compiler."""
        version = subprocess.run([nim, "--version"], capture_output=True, text=True, check=True)
        digest = hashlib.sha256(repr((self._options, version.stdout)).encode())
        for source in self._files():
            digest.update(f"{source.name}\n".encode() + source.read_bytes())
        return digest.hexdigest()

    def _files(self) -> Iterator[Path]:
        for folder in (self.generated, self.support, _SUPPORT, _BARE):
            yield from sorted(folder.glob("*.nim"))

    def _compile(self, nim: str, program: Path) -> None:
        command = [nim, "compile", *self._options]
        command += [f"--nimcache:{self.build / 'cache'}", f"--out:{program}"]
        command.append(str(self.generated / "oracle.nim"))
        # It shows lines of sources, which may be in no encoding of this locale.
        done = subprocess.run(
            command, capture_output=True, text=True, errors="backslashreplace", check=False
        )
        if done.returncode != 0:
            raise CompilationError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")


def _found(name: str) -> str:
    """Return the path of an installed program."""
    path = shutil.which(name)
    if path is None:
        raise NoCompilerError(f"the program {name} is not installed")
    return path
