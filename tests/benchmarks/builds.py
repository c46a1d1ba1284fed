"""The two builds, each installed from its wheel as users have it, into an environment of its own.

Wheels are kept, and made again when something that goes into them has changed: compiling takes its
time, and whoever makes one thing faster measures many times.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.processes import environment

ROOT: Final = Path(__file__).resolve().parents[2]
_SOURCES: Final = ("generated/nimnet", "runtime")
_BESIDE: Final = ("*.py", "pyproject.toml", "README.md", "LICENSE")
"""What the wheel is made with and of, beside the sources."""
_IS_COMPILED: Final = "import nimnet; print(getattr(nimnet, 'compiled', False))"
_PURE: Final = "nimnet is built as pure Python"
"""What the hook says before its reason, where nothing can be compiled."""


@dataclass(frozen=True)
class Build:
    """A build that can be measured.

    Attributes:
        python: The interpreter of the environment that it is installed in.
        library: Whether the library is what the name of the build says, and not the plugin alone.
    """

    python: Path
    library: bool = True


@dataclass(frozen=True)
class NoBuild:
    """A build that cannot be measured here.

    Attributes:
        why: The reason, in words.
    """

    why: str


def pure(kept: Path, folder: Path) -> Build:
    """Installs the build in pure Python.

    Args:
        kept: Where wheels are kept.
        folder: Where the environment is made.
    """
    wheel = _wheel(kept, "pure")
    return Build(_installed(wheel, folder / "pure"))


def compiled(kept: Path, folder: Path, *, make: bool) -> Build | NoBuild:
    """Installs the build that is compiled, if there is one.

    Args:
        kept: Where wheels are kept.
        folder: Where the environment is made.
        make: Whether one that is not kept is made; that takes minutes.
    """
    if not (make or list(_kept(kept, "compiled").glob("*.whl"))):
        return NoBuild("`make bench` has not compiled these sources yet")
    try:
        wheel = _wheel(kept, "compiled")
    except subprocess.CalledProcessError:
        return NoBuild(f"the wheel cannot be built; {from_root(_log(kept, 'compiled'))} says why")
    if wheel.name.endswith("-none-any.whl"):
        log = _log(kept, "compiled")
        reasons = [line for line in log.read_text().splitlines() if _PURE in line]
        return NoBuild(
            reasons[0].strip() if reasons else f"{from_root(log)} tells of no compilation"
        )
    python = _installed(wheel, folder / "compiled")
    command = [str(python), "-I", "-c", _IS_COMPILED]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return Build(python, library=done.stdout.strip() == "True")


def from_root(path: Path) -> Path:
    """Returns a path as seen from the project, where that is shorter."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _wheel(kept: Path, name: str) -> Path:
    """Returns the wheel of a build, which is made if it is not kept."""
    place = _kept(kept, name)
    found = list(place.glob("*.whl"))
    if not found:
        for old in kept.glob(f"{name}-*"):
            shutil.rmtree(old)
        place.mkdir(parents=True)
        # In a folder of its own until it is whole.
        command = [sys.executable, "-m", "build", "--wheel", "--no-isolation"]
        variables = {**environment(), **({"NIMNET_PURE": "1"} if name == "pure" else {})}
        with _log(kept, name).open("w") as log:
            subprocess.run(
                [*command, "--outdir", str(place / "made"), str(ROOT)],
                env=variables,
                check=True,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        found = [made.rename(place / made.name) for made in (place / "made").iterdir()]
    (wheel,) = found
    return wheel


def _log(kept: Path, name: str) -> Path:
    """Returns where it stands what the tools have said that built a wheel."""
    return _kept(kept, name) / "build.log"


def _kept(kept: Path, name: str) -> Path:
    """Returns where the wheel of these very sources is kept."""
    digest = hashlib.sha256(sys.version.encode())
    files = [file for pattern in _BESIDE for file in ROOT.glob(pattern)]
    files += [file for source in _SOURCES for file in (ROOT / source).rglob("*.*")]
    for file in sorted(files):
        if file.is_file() and file.suffix not in (".pyc", ".so"):
            digest.update(f"{file.relative_to(ROOT)}\n".encode())
            digest.update(file.read_bytes())
    return kept / f"{name}-{digest.hexdigest()[:16]}"


def _installed(wheel: Path, folder: Path) -> Path:
    """Makes an environment with a wheel, which borrows all else; returns its interpreter."""
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    scheme = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", "venv", scheme))
    # A line of a .pth file adds a folder, and not what the .pth files in there add: the project
    # itself, which is installed there in editable mode, stays away.
    (packages / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    command = ["uv", "pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(python)]
    variables = {**os.environ, "VIRTUAL_ENV": str(folder)}
    subprocess.run([sys.executable, "-m", *command, str(wheel)], check=True, env=variables)
    return python
