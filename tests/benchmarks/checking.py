"""What the mypy plugin costs, on a project of 10,000 lines that uses nimnet throughout.

nimnet is installed from its wheel into an environment of its own, as users have it. mypy without
the plugin and with it take turns; each round begins with no cache, then changes nothing, then edits
the body of one function. A ratio is that of two runs next to each other.
"""

import os
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path
from time import perf_counter
from typing import Final

from benchmarks.starting import children_cpu
from benchmarks.table import Taken

ROOT: Final = Path(__file__).resolve().parents[2]
TEMPLATE: Final = Path(__file__).parent / "estate"
COPIES: Final = 9
ROUNDS: Final = 9
EDITED: Final = "estate/s4/client.py"
PLACE: Final = "        removed = 0\n"
CONTENDERS: Final = ("mypy", "mypy with the plugin")
# By how many times the plugin may be slower: what is promised of it.
GOALS: Final = {"no cache": 1.15, "no change": None, "one line edited": 1.3}


def compare_all() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        python = installed(root)
        projects = {name: root / name.replace(" ", "-") for name in CONTENDERS}
        lines = 0
        for name, project in projects.items():
            lines = write_project(project, plugin=name != CONTENDERS[0])
        taken: dict[str, dict[str, list[Taken]]] = {
            phase: {name: [] for name in CONTENDERS} for phase in GOALS
        }
        for number in range(ROUNDS + 1):
            # Who is first has what the other left in the system's caches.
            order = CONTENDERS if number % 2 else CONTENDERS[::-1]
            for phase in GOALS:
                for name in order:
                    prepare(projects[name], phase, number)
                    measured = check(python, projects[name])
                    if number:  # the first round compiles, and fills caches
                        taken[phase][name].append(measured)
        print(f"\nmypy on {lines} lines (seconds; {ROUNDS} rounds; ratios of pairs)")
        for phase, goal in GOALS.items():
            show(phase, goal, taken[phase])


def installed(root: Path) -> Path:
    """Makes an environment with nimnet's wheel, which borrows all else; returns its interpreter."""
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(root)]
    compiled = os.environ | {"NIMNET_COMPILED": "1"}
    subprocess.run([*command, str(ROOT)], check=True, stdout=subprocess.DEVNULL, env=compiled)
    (wheel,) = root.glob("*.whl")
    venv.create(root / "venv", with_pip=False)
    python = root / "venv" / "bin" / "python"
    scheme = {"base": str(root / "venv"), "platbase": str(root / "venv")}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    # A line of a .pth file adds a folder, and not what the .pth files in there add: the project
    # itself, which is installed there in editable mode, stays away.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python)]
    subprocess.run([sys.executable, "-m", *command, str(wheel)], check=True)
    return python


def write_project(project: Path, *, plugin: bool, copies: int = COPIES) -> int:
    """Writes the copies of the service, and a configuration; returns how many lines there are."""
    (project / "estate").mkdir(parents=True)
    (project / "estate" / "__init__.py").touch()
    count = 0
    for number in range(copies):
        package = project / "estate" / f"s{number}"
        package.mkdir()
        for template in TEMPLATE.glob("*.py"):
            text = template.read_text()
            for module in ("client", "errors"):
                text = text.replace(
                    f"from benchmarks.estate import {module} as upstream",
                    f"from estate.s{max(0, number - 1)} import {module} as upstream",
                )
            text = text.replace("benchmarks.estate", f"estate.s{number}")
            (package / template.name).write_text(text)
            count += text.count("\n")
    lines = ["[tool.mypy]", "strict = true", 'files = ["estate"]']
    if plugin:
        lines.append('plugins = ["nimnet_effects.mypy"]')
    (project / "pyproject.toml").write_text("\n".join([*lines, ""]))
    return count


def prepare(project: Path, phase: str, number: int) -> None:
    """Brings about what the phase is about."""
    if phase == "no cache":
        shutil.rmtree(project / ".mypy_cache", ignore_errors=True)
    elif phase == "one line edited":
        file = project / EDITED
        before, place, after = file.read_text().partition(PLACE)
        after = after.removeprefix(f"        removed += {number - 1}\n")
        file.write_text(f"{before}{place}        removed += {number}\n{after}")


def check(python: Path, project: Path) -> Taken:
    """Measures one run, which finds nothing wrong."""
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "MYPYPATH", "MYPY_CACHE_DIR")
    environment = {name: value for name, value in os.environ.items() if name not in unwanted}
    command = [str(python), "-m", "mypy"]
    started, worked = perf_counter(), children_cpu()
    result = subprocess.run(
        command, cwd=project, env=environment, check=False, capture_output=True, text=True
    )
    measured = Taken(perf_counter() - started, children_cpu() - worked)
    if result.returncode:
        raise RuntimeError(f"mypy finds fault with the project:\n{result.stdout}{result.stderr}")
    return measured


def show(phase: str, goal: float | None, taken: dict[str, list[Taken]]) -> None:
    """Prints what both took, and the ratios by the clock and by CPU time."""
    print(f"  {phase}" + ("" if goal is None else f" (at most x{goal} is promised)"))
    first, second = taken.values()
    for name, times in taken.items():
        wall = statistics.median(each.wall for each in times)
        cpu = statistics.median(each.cpu for each in times)
        print(f"    {name:<26}{wall:>8.2f}  cpu{cpu:>8.2f}")
    pairs = list(zip(first, second, strict=True))
    clock = spread([with_it.wall / without.wall for without, with_it in pairs])
    print(f"    ratio  {clock}  cpu  {spread([b.cpu / a.cpu for a, b in pairs])}")


def spread(ratios: list[float]) -> str:
    """The median, and the quartiles."""
    low, median, high = statistics.quantiles(ratios, n=4)
    return f"x{median:.3f} [{low:.3f} .. {high:.3f}]"
