"""What is waited for before anything runs: the generator, and imports."""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.table import MILLISECONDS, Taken, compare

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCES: Final = ("generator", "runtime", "generated")


def compare_all() -> None:
    compare_generator()
    compare_imports()


def compare_generator() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for part in ("spec", "runtime"):
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(ROOT / part, root / part, ignore=ignored)
        shutil.copy(ROOT / "pyproject.toml", root)

        def generate() -> Taken:
            command = [sys.executable, "-m", "nimnet_gen", "--root", folder, "generate"]
            started, worked = perf_counter(), children_cpu()
            subprocess.run(command, env=environment(), check=True, stdout=subprocess.DEVNULL)
            return Taken(perf_counter() - started, children_cpu() - worked)

        def generate_from_nothing() -> Taken:
            shutil.rmtree(root / "generated", ignore_errors=True)
            return generate()

        contenders = {"everything from an empty folder": generate_from_nothing}
        compare("nimnet-gen generate", MILLISECONDS, 5, {**contenders, "nothing to do": generate})


def environment() -> dict[str, str]:
    path = os.pathsep.join(str(ROOT / source) for source in SOURCES)
    # As users have it: with bytecode that is cached.
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": path}


def children_cpu() -> float:
    # Finer than `os.times`, which counts ticks.
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def compare_imports() -> None:
    def importing(modules: str) -> Callable[[], Taken]:
        clocks = "time.perf_counter(), time.process_time()"
        code = f"import time; before = {clocks}; import {modules}; print(*before, {clocks})"

        def measure() -> Taken:
            began, idle, ended, worked = map(float, in_fresh_interpreter(code).split())
            return Taken(ended - began, worked - idle)

        return measure

    contenders = {f"import {name}": importing(name) for name in ("socket, ssl", "nimnet")}
    compare("Import, in fresh interpreters", MILLISECONDS, 21, contenders)
    loaded = in_fresh_interpreter(
        "import nimnet, sys; print(*sorted({'_ssl', 'ssl', 'OpenSSL'} & set(sys.modules)))"
    )
    print(f"  OpenSSL after `import nimnet`: {'loaded, by ' + loaded if loaded else 'not loaded'}")


def in_fresh_interpreter(code: str) -> str:
    command = [sys.executable, "-c", code]
    result = subprocess.run(command, env=environment(), check=True, capture_output=True, text=True)
    return result.stdout.strip()
