"""`nimnet-gen init [DIR]`: make a project that passes its tests, to begin with."""

from __future__ import annotations

import argparse
import keyword
import re
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from nimnet_gen.commands.outcome import DIFFERENT, OK, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nimnet_gen.commands.interruption import Interruptions
    from nimnet_gen.render.output import Output

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN: Final = frozenset({"conformance", "nimnet_gen", "oracle", "reference", "tests"})
"""What else is imported or generated in a project."""
_MAY_BE_THERE: Final = frozenset({".git"})
"""What a folder may have that is empty otherwise."""


def add(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> argparse.ArgumentParser:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "init", help="make a project in an empty folder, with a specification to begin with"
    )
    parser.add_argument(
        "folder",
        nargs="?",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="an empty folder, or one that is to be made (default: the working directory)",
    )
    parser.add_argument(
        "--name", metavar="NAME", help="the package's name (default: made of the folder's)"
    )
    return parser


def run(options: argparse.Namespace, interruptions: Interruptions) -> int:
    """Write all files of the project, or none."""
    from nimnet_gen.files.transaction import Replacement, replace_all

    if options.root is not None:
        return fail("init makes a project of its own: name its folder after `init`, not by --root")
    folder: Path = options.folder.resolve()
    name: str = _proposed(folder.name) if options.name is None else options.name
    if fault := _unfit(folder) or _misnamed(name):
        return fail(fault)
    files = _files(name)
    if files is None:  # pragma: no cover - a specification of our own has no faults
        return DIFFERENT
    interruptions.hold()
    replace_all(
        [Replacement(folder / file.path, file.content) for file in files], interruptions.check
    )
    interruptions.dismiss()
    for file in files:
        print(f"wrote {options.folder / file.path}")
    print(f"\n{name} is ready: README.md has the commands")
    print(end="", flush=True)
    return OK


def _unfit(folder: Path) -> str:
    """Say why a folder cannot become a project; nothing if it can."""
    if not folder.exists():
        return ""
    if not folder.is_dir():
        return f"{folder} is no folder"
    found = sorted(path.name for path in folder.iterdir() if path.name not in _MAY_BE_THERE)
    if not found:
        return ""
    more = "" if len(found) == 1 else f" and {len(found) - 1} more"
    return f"{folder} is not empty: it has {found[0]}{more}; name an empty or a new folder"


def _misnamed(name: str) -> str:
    """Say why a package cannot have a name, and what would be right; nothing if it can."""
    if not name:
        return "the folder's name makes no name for a package; give one with --name"
    fault = _fault_of(name)
    proposed = _proposed(name)
    if not fault or not proposed or _fault_of(proposed):
        return fault
    return f"{fault}; --name {proposed} would be right"


def _fault_of(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        return f"'{name}' is no name for a package: it has a-z, 0-9 and _, and begins with a letter"
    if keyword.iskeyword(name):
        return f"'{name}' is no name for a package: it is a word of Python's"
    if name in sys.stdlib_module_names:
        return f"'{name}' is no name for a package: Python has a module of that name"
    if name in _TAKEN:
        return f"'{name}' is no name for a package: a project has something else of that name"
    return ""


def _proposed(words: str) -> str:
    """Return the name of a package that is like these words; nothing if none is."""
    name = re.sub(r"[^a-z0-9]+", "_", words.lower()).strip("_").lstrip("0123456789_")
    taken = keyword.iskeyword(name) or name in sys.stdlib_module_names or name in _TAKEN
    return f"my_{name}" if taken else name


def _files(name: str) -> Sequence[Output] | None:
    """Return every file of a new project, the generated ones included."""
    from nimnet_gen.commands.specification import reported_spec
    from nimnet_gen.project.folders import find_project
    from nimnet_gen.render.build import build
    from nimnet_gen.render.starter import starter

    written = tuple(starter(name))
    with tempfile.TemporaryDirectory(prefix="nimnet-gen-") as parent:
        root = Path(parent)
        for file in written:
            path = root / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(file.content)
        project = find_project(root)
        spec = reported_spec(project)
        return None if spec is None else (*written, *build(spec, project).outputs)
