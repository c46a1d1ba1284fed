"""What is waited for before anything runs: imports, and the generator."""

import contextlib
import resource
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.builds import ROOT
from benchmarks.processes import environment
from benchmarks.rounds import Side
from benchmarks.samples import Sample


def importing(python: Path, modules: str) -> Side:
    """Returns what imports modules, in a fresh interpreter each time, which measures itself."""
    clocks = "time.perf_counter(), time.process_time()"
    code = f"import time; before = {clocks}; import {modules}; print(*before, {clocks})"

    @dataclass(frozen=True)
    class Fresh:
        def sample(self) -> Sample:
            # Apart from this folder and from variables: nothing else is looked for on the way.
            command = [str(python), "-I", "-c", code]
            done = subprocess.run(
                command, check=True, env=environment(), capture_output=True, text=True
            )
            began, worked, ended, idle = map(float, done.stdout.split())
            return {"wall": ended - began, "cpu": idle - worked}

    Fresh().sample()  # that writes the bytecode
    return lambda: contextlib.nullcontext(Fresh())


def generating(folder: Path, *, cold: bool) -> Side:
    """Returns what runs the generator on a copy of the project.

    Args:
        folder: Where the copy is, or is to be.
        cold: Whether nothing is there that it has generated.
    """

    @dataclass(frozen=True)
    class Generator:
        def sample(self) -> Sample:
            if cold:
                shutil.rmtree(folder / "generated", ignore_errors=True)
            command = [sys.executable, "-m", "nimnet_gen", "--root", str(folder), "generate"]
            return run(command, ROOT)

    if not folder.exists():
        ignored = shutil.ignore_patterns("__pycache__")
        for part in ("spec", "runtime"):
            shutil.copytree(ROOT / part, folder / part, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", folder)
        Generator().sample()
    return lambda: contextlib.nullcontext(Generator())


def run(command: Sequence[str], folder: Path) -> Sample:
    """Runs a program to its end in a folder, and measures that.

    Raises:
        RuntimeError: It fails; with what it printed.
    """
    began, worked = perf_counter(), _children_cpu()
    done = subprocess.run(
        command, cwd=folder, env=environment(), check=False, capture_output=True, text=True
    )
    taken: Sample = {"wall": perf_counter() - began, "cpu": _children_cpu() - worked}
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} fails:\n{done.stdout}{done.stderr}")
    return taken


def _children_cpu() -> float:
    # Finer than `os.times`, which counts ticks.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
