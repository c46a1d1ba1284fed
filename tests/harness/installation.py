"""A distribution as its users get it: a wheel, in an environment with what it needs and no more."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Literal

from packaging.requirements import Requirement

from harness.programs import need_module, run, unavailable


@dataclass(frozen=True)
class Installed:
    """An environment with a wheel, what the wheel says it needs, and nothing else."""

    wheel: Path
    directory: Path

    @property
    def packages(self) -> Path:
        """Where the environment's packages are."""
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        return self.directory / "lib" / version / "site-packages"

    def program(self, name: str) -> str:
        """Return the path of one of the environment's programs."""
        return str(self.directory / "bin" / name)

    def python(self, *arguments: str) -> str:
        """Run the environment's Python, apart from this process's paths and variables."""
        return run([self.program("python"), "-I", *arguments]).decode()


def built(kind: Literal["wheel", "sdist"], project: Path, folder: Path) -> Path:
    """Build a distribution of a project into a folder, as pure Python, and return its file."""
    need_module("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "-t", kind, "-d", str(folder)]
    run(command, cwd=project, env=os.environ | {"NIMNET_PURE": "1"})
    (file,) = folder.iterdir()
    return file


def compiled() -> Path:
    """The compiled wheel of the library, which takes minutes to build: `make test` has done so."""
    folder = os.environ.get("NIMNET_WHEEL")
    if folder is None:
        unavailable("NIMNET_WHEEL names no folder with the compiled wheel: make test sets it")
    (wheel,) = Path(folder).glob("*.whl")
    if wheel.name.endswith("-none-any.whl"):
        unavailable("nothing could be compiled")
    return wheel


def installed(wheel: Path, folder: Path, extra: str = "") -> Installed:
    """Install a wheel; no index is asked, so that this works offline.

    Args:
        wheel: Its file.
        folder: Where the environment goes.
        extra: The extra whose requirements are installed as well.
    """
    need_module("pip")
    environment = folder / "environment"
    run([sys.executable, "-m", "venv", "--without-pip", str(environment)])
    made = Installed(wheel, environment)
    pip = [sys.executable, "-m", "pip", "--isolated", "--python", made.program("python"), "install"]
    run([*pip, "--no-index", "--no-deps", "--no-compile", str(wheel)])
    (distribution,) = metadata.distributions(path=[str(made.packages)])
    for needed in _requirements_of(distribution, extra):
        _copy(needed, made.packages)
    return made


def _requirements_of(
    distribution: metadata.Distribution, extra: str = ""
) -> Iterator[metadata.Distribution]:
    """Give what a distribution needs, and what that needs, from where the tests run."""
    for line in distribution.requires or []:
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            needed = metadata.distribution(requirement.name)
            yield needed
            yield from _requirements_of(needed)


def _copy(distribution: metadata.Distribution, packages: Path) -> None:
    """Copy an installed distribution, without its programs."""
    for file in distribution.files or []:
        target = packages / file
        if ".." not in file.parts and "__pycache__" not in file.parts:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file.locate(), target)
