"""The build hook: compiles what wheels hold, with mypyc.

One source, two builds. A wheel has all modules as Python, for tracebacks and for type checkers;
where it was compiled, it has extension modules besides, which Python imports in their place.
`NIMNET_PURE=1` asks for a wheel without them. A machine that cannot compile makes such a wheel,
too, and says why, unless `NIMNET_COMPILED=1` makes that an error. The editable installation of
development is always pure.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# The packages, and where they stand. What is compiled of each shares a library that is loaded with
# the first of its modules, so that programs do not load what only mypy needs.
PACKAGES: Final = {"nimnet_effects": "runtime"}
# What stays interpreted, and why.
INTERPRETED: Final = {
    "nimnet_effects/__init__.py": "every program imports it, for `raises` alone",
    "nimnet_effects/__main__.py": "`python -m` runs its code, and an extension module has none",
    "nimnet_effects/command.py": "it runs once, and most of that is mypy",
    "nimnet_effects/mypy.py": "its plugin is a class above one of mypy's, which cannot be compiled",
}
_SHOWN: Final = 20
"""Lines of what the tools have printed."""
_PURE: Final = "nimnet is built as pure Python, which works the same and is slower"


class CompilationError(Exception):
    """Nothing can be compiled here."""


class Compilation(BuildHookInterface[Any]):  # Any: hatchling says no more of its configuration
    """Adds extension modules to a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, before the wheel is put together.

        Args:
            version: `editable` for the installation of development.
            build_data: what hatchling does next; gets the extension modules, and that the wheel is
                for this Python on this platform alone.

        Raises:
            SystemExit: nothing could be compiled, and `NIMNET_COMPILED` is set.
        """
        if version == "editable" or os.environ.get("NIMNET_PURE", "0") != "0":
            return
        # The wheel is made of what is in it, before `finalize`.
        self._folder = TemporaryDirectory(prefix="nimnet-")
        try:
            made = compile_all(Path(self.root), Path(self._folder.name))
        except CompilationError as error:
            if os.environ.get("NIMNET_COMPILED", "0") != "0":
                self.app.abort(f"nimnet cannot be compiled: {error}")
            self.app.display_warning(f"{_PURE}: {error}")
            return
        build_data["force_include"].update(made)
        build_data["pure_python"] = False
        build_data["infer_tag"] = True

    def finalize(self, *_: object) -> None:
        """Remove what was compiled, which the wheel has."""
        if hasattr(self, "_folder"):
            self._folder.cleanup()


def compile_all(root: Path, folder: Path) -> dict[str, str]:
    """Compile all packages.

    Args:
        root: of the project.
        folder: an empty one, for everything that comes into being.

    Returns:
        The files that were made, and where each goes in the wheel.

    Raises:
        CompilationError: the machine has no C compiler or no headers of Python, or a tool failed.
    """
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        raise CompilationError(f"there is no C compiler ({compiler})")
    header = Path(sysconfig.get_path("include"), "Python.h")
    if not header.exists():
        raise CompilationError(f"Python's headers are not installed: there is no {header}")
    sources, made = folder / "sources", folder / "made"
    for package, place in PACKAGES.items():
        shutil.copytree(root / place / package, sources / package)
    # A process of its own: setuptools changes the one that it works in.
    command = [sys.executable, os.path.abspath(__file__), str(made)]  # noqa: PTH100  # of hatchling
    done = subprocess.run(
        command,
        cwd=sources,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stdout.splitlines()[-_SHOWN:]
        raise CompilationError("\n".join(["a tool failed, which said at last:", *said]))
    return {
        str(path): path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()
    }


def compile_here(made: str) -> None:
    """Compile the packages in the current folder.

    Args:
        made: the folder for the extension modules.
    """
    from mypyc.build import mypycify
    from setuptools import Distribution
    from setuptools.command.build_ext import build_ext
    from setuptools.errors import BaseError, CCompilerError, CompileError, LinkError

    extensions = []
    for package in PACKAGES:
        paths = sorted(path.as_posix() for path in Path(package).rglob("*.py"))
        extensions += mypycify(
            ["--config-file=", "--strict", *(path for path in paths if path not in INTERPRETED)],
            group_name=package,
            target_dir="c",
            multi_file=True,
            debug_level="0",
        )
    for extension in extensions:
        # Calls between modules of one library need not go by way of its symbols.
        extension.extra_compile_args.append("-fvisibility=hidden")
    command = build_ext(Distribution({"name": "nimnet", "ext_modules": extensions}))
    command.build_lib = made
    command.build_temp = "temporary"
    command.ensure_finalized()
    try:
        command.run()
    except (
        BaseError,
        CCompilerError,
        CompileError,
        LinkError,
    ) as error:  # whose reason stands above
        sys.exit(str(error))


if __name__ == "__main__":
    compile_here(sys.argv[1])
