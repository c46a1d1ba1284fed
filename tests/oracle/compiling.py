"""The Nim program with all scenarios: compiled when a source of it has changed, once for all."""

from __future__ import annotations

import fcntl
import hashlib
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from harness.programs import find

ROOT: Final = Path(__file__).parents[2]
GENERATED: Final = ROOT / "generated" / "oracle"
SUPPORT: Final = Path(__file__).parent
BUILD: Final = ROOT / "build" / "oracle"

_FLAGS: Final = (
    "--define:ssl",
    "--define:noSignalHandler",  # a crash ends it by the signal, which tells what happened
    "--threads:off",
    "--hints:off",
    "--warnings:off",
    f"--path:{SUPPORT}",
)
"""Nim's defaults besides: its checks are on, so that mistakes show as defects."""


class CompilationError(Exception):
    """Nim did not compile the program; the message is the compiler's."""


def compiled(generated: Path = GENERATED, build: Path = BUILD) -> Path:
    """Return the path of the program, compiled before if need be.

    The processes of a parallel test run wait for the first one that comes.

    Args:
        generated: Where the generated sources are.
        build: Where the program and what the compiler leaves are put.

    Raises:
        CompilationError: The sources do not compile.
    """
    nim = find("nim")
    find("gcc")
    build.mkdir(parents=True, exist_ok=True)
    program, stamp = build / "oracle", build / "oracle.stamp"
    with (build / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = _stamp(nim, generated)
        if not program.exists() or not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            _compile(nim, generated / "oracle.nim", program, build / "cache")
            stamp.write_text(wanted)
    return program


def _stamp(nim: str, generated: Path) -> str:
    """Return what the program depends on: the sources, the flags and the compiler."""
    digest = hashlib.sha256(repr((_FLAGS, _version(nim))).encode())
    for source in _sources(generated):
        digest.update(f"{source.name}\n".encode() + source.read_bytes())
    return digest.hexdigest()


def _sources(generated: Path) -> Iterator[Path]:
    for folder in (generated, SUPPORT):
        yield from sorted(folder.glob("*.nim"))


def _version(nim: str) -> str:
    return subprocess.run([nim, "--version"], capture_output=True, text=True, check=True).stdout


def _compile(nim: str, source: Path, program: Path, cache: Path) -> None:
    command = [nim, "compile", *_FLAGS, f"--nimcache:{cache}", f"--out:{program}", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CompilationError(f"{' '.join(command)}\n{done.stdout}{done.stderr}")
