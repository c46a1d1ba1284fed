"""The build hook: compiles what wheels hold, with mypyc.

One source, two builds. A wheel has all modules as Python, for tracebacks and for type checkers;
where it was compiled, it has extension modules besides, which Python imports in their place.
`NIMNET_PURE=1` asks for a wheel without them. A machine that cannot compile makes such a wheel,
too, and says why, unless `NIMNET_COMPILED=1` makes that an error. The editable installation of
development is always pure.
"""

from __future__ import annotations

import ast
import copy
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

# Where the packages stand.
PACKAGES: Final = {
    "nimnet_effects": "runtime",
    "nimnet_runtime": "runtime",
    "nimnet": "generated",
}
# Those that share a library, which is loaded with the first of its modules: within it, a call is
# one of C. What only mypy needs is not in that of every program.
LIBRARIES: Final = {
    "nimnet_effects": ("nimnet_effects",),
    "nimnet": ("nimnet_runtime", "nimnet"),
}
# What stays interpreted, and why.
_FACE: Final = "users look into it: at annotations, signatures, overloads"
_EXCEPTIONS: Final = "mypyc compiles no classes above Python's exceptions and enums"
_REFERENCES: Final = "weak references to objects of compiled classes outlive these"
INTERPRETED: Final = {
    "nimnet_effects/__init__.py": "every program imports it, for `raises` alone",
    "nimnet_effects/__main__.py": "`python -m` runs its code, and an extension module has none",
    "nimnet_effects/command.py": "it runs once, and most of that is mypy",
    "nimnet_effects/mypy.py": "its plugin is a class above one of mypy's, which cannot be compiled",
    "nimnet_runtime/__init__.py": "it looks who else has what is compiled",
    "nimnet_runtime/compiling.py": "it has nothing but what the rest says to mypyc",
    "nimnet_runtime/errors.py": _EXCEPTIONS,
    "nimnet_runtime/forks.py": _REFERENCES,
    "nimnet_runtime/interfaces.py": "it has nothing but types",
    "nimnet_runtime/scopes.py": _REFERENCES,
    "nimnet_runtime/system.py": "it defines functions once for each kind of system",
    "nimnet_runtime/tls/bindings/errorqueue.py": _EXCEPTIONS,
    "nimnet_runtime/tls/live.py": "its classes are above pyOpenSSL's",
    "nimnet_runtime/tls/psk.py": _REFERENCES,
    "nimnet/__init__.py": "it has no code",
    "nimnet/_arguments.py": "it looks into the others, when something is wrong",
    "nimnet/_later.py": "it is for who looks into the others",
    "nimnet/_overloads.py": "it is for who looks into the others",
    "nimnet/address.py": _FACE,
    "nimnet/deadlines.py": _FACE,
    "nimnet/effects.py": _FACE,
    "nimnet/errors.py": _EXCEPTIONS,
    "nimnet/options.py": _FACE,
    "nimnet/sessions.py": _FACE,
    "nimnet/socket.py": f"{_FACE}; what is called often is in `_quick`",
    "nimnet/tls.py": _FACE,
    "nimnet/types.py": _EXCEPTIONS,
}
# Compiled modules whose methods users see, and where users read about these.
DOCUMENTED: Final = {"nimnet/_quick.py": "nimnet/socket.py"}
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
        errors="backslashreplace",  # what a tool prints may be in no encoding of this locale
        check=False,
    )
    if done.returncode:
        said = done.stdout.splitlines()[-_SHOWN:]
        raise CompilationError("\n".join(["a tool failed, which said at last:", *said]))
    return {
        str(path): path.relative_to(made).as_posix() for path in made.rglob("*") if path.is_file()
    }


def document(module: Path, face: Path) -> None:
    """Give compiled methods what mypyc leaves out.

    These are docstrings, the signatures that users read, and that a parameter has a place alone.

    Args:
        module: Their source.
        face: The source of the classes above, whose methods of these names users read about.
    """
    written = Path("c", f"__native_{str(module.with_suffix('')).replace('/', '___')}.c")
    docs = {node.name: ast.get_docstring(node) for node in _methods(module)}
    first = {node.name: _signature(node) for node in reversed(_methods(face))}

    def described(found: re.Match[str]) -> str:
        start, name, signature = found.groups()
        if (doc := docs.get(name)) is None:
            return found[0]
        text = f"{first.get(name) or signature}\n--\n\n{doc}"
        return f"{start}PyDoc_STR({json.dumps(text)})"

    places = {node.name: len(node.args.posonlyargs) - 1 for node in _methods(module)}

    def unnamed(found: re.Match[str]) -> str:
        start, names, rest, name = found.groups()
        parameters = names.split(", ")
        first = max(places.get(name, 0), 0)
        parameters[:first] = ['""'] * first
        return f"{start}{', '.join(parameters)}{rest}{name}"

    source = _ENTRY.sub(described, written.read_text(encoding="utf-8"))
    written.write_text(_PARSER.sub(unnamed, source), encoding="utf-8")


_ENTRY: Final = re.compile(
    r'(\{"(\w+)",\s+\(PyCFunction\)\w+,\s+[^,]+, )'
    r'PyDoc_STR\((?:NULL|"(\w+\([^"]*\))\\n--\\n\\n")\)'
)
"""A method in the table that mypyc writes: its name, and its signature where that can be told."""
_PARSER: Final = re.compile(
    r'(kwlist\[\] = \{)("\w+"(?:, "\w+")*)(, 0\};\s+static CPyArg_Parser \w+ = \{"[^":]*:)(\w+)'
)
"""What takes a method's arguments apart: the names of its parameters, and its own. An empty name is
one that has a place alone, as in CPython."""


def _methods(module: Path) -> list[ast.FunctionDef]:
    nodes = ast.walk(ast.parse(module.read_text(encoding="utf-8")))
    return [node for node in nodes if isinstance(node, ast.FunctionDef)]


def _signature(node: ast.FunctionDef) -> str | None:
    """Return a signature without types; None if it has what only its module knows."""
    given = copy.deepcopy(node.args)
    for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
        argument.annotation = None
    defaults = [*given.defaults, *(default for default in given.kw_defaults if default)]
    if any(isinstance(part, ast.Name) for default in defaults for part in ast.walk(default)):
        return None
    return f"{node.name}(${ast.unparse(given)})"


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
    for library, packages in LIBRARIES.items():
        paths = sorted(
            path.as_posix() for package in packages for path in Path(package).rglob("*.py")
        )
        paths = [path for path in paths if path not in INTERPRETED]
        for path in map(Path, paths):
            path.write_text(with_causes(path.read_text(encoding="utf-8")), encoding="utf-8")
        extensions += mypycify(
            ["--config-file=", "--strict", *paths],
            group_name=library,
            target_dir="c",
            multi_file=True,
            debug_level="0",
        )
    for module, face in DOCUMENTED.items():
        document(Path(module), Path(face))
    for extension in extensions:
        # Calls between modules of one library need not go by way of its symbols.
        extension.extra_compile_args.append("-fvisibility=hidden")
        # What another compiler warns of is no reason to have no wheel, but for a fault of mypyc's.
        extension.extra_compile_args += ["-Wno-error", "-Werror=int-conversion"]
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


def with_causes(source: str) -> str:
    """Spell out `raise ... from ...`: mypyc takes it for a `raise` without a cause.

    Args:
        source: a module's.

    Returns:
        The same, line by line, where an error has its cause before it is raised.
    """
    raises = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Raise) and node.cause
    ]
    lines = [line.encode() for line in source.splitlines(keepends=True)]  # columns are bytes
    # From the last to the first, so that the places of those before stay right.
    for node in sorted(raises, key=lambda node: (node.lineno, node.col_offset), reverse=True):
        error, cause = (
            ast.get_source_segment(source, part) for part in (node.exc, node.cause) if part
        )
        first, last = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        begin, end = lines[first][: node.col_offset], lines[last][node.end_col_offset :]
        name = f"error_of_{node.lineno}_{node.col_offset}"
        text = f"{name} = ({error}); {name}.__cause__ = ({cause}); raise {name}"
        lost = last - first - text.count("\n")  # lines on which there was only a parenthesis
        lines[first : last + 1] = [begin + text.encode() + end + b"\n" * lost]
    return b"".join(lines).decode()


if __name__ == "__main__":
    compile_here(sys.argv[1])
