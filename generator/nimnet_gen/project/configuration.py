"""The table `[tool.nimnet-gen]` of a project's `pyproject.toml`: where its parts are.

    [tool.nimnet-gen]
    spec = "spec"                    # the folder with package.yaml and the modules
    runtime = "runtime"              # the folder that holds the runtime package
    output = "generated"             # the folder that everything generated goes to
    targets = ["package", "tests"]   # what is generated; all of it, if this is left out

Paths are relative to the project and stay inside it. A key that is left out has its default, shown
above; the data files (`stage`, `types`, `oracle`, `facts`) have none, so that a project names those
that it has.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

FILE: Final = "pyproject.toml"
TABLE: Final = "nimnet-gen"

TARGETS: Final[tuple[str, ...]] = ("package", "tests", "oracle", "reference")
"""What can be generated from a specification."""

_SPEC: Final = PurePosixPath("spec")
_RUNTIME: Final = PurePosixPath("runtime")
_OUTPUT: Final = PurePosixPath("generated")


class ConfigurationError(Exception):
    """The table is not as it should be; the message says where, and what would be right."""


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """The table, with its defaults.

    Attributes:
        spec: the folder with `package.yaml` and the modules of the specification.
        runtime: the folder that holds the runtime package.
        output: the folder that everything generated goes to.
        targets: what is generated, of `TARGETS`.
        stage: what scenarios can be given, and what their peers can do.
        types: what types mean that the specification uses without defining them.
        oracle: what the oracle has to know of the original.
        facts: the facts of the documentation that is transcribed.
    """

    spec: PurePosixPath = _SPEC
    runtime: PurePosixPath = _RUNTIME
    output: PurePosixPath = _OUTPUT
    targets: tuple[str, ...] = TARGETS
    stage: PurePosixPath | None = None
    types: PurePosixPath | None = None
    oracle: PurePosixPath | None = None
    facts: PurePosixPath | None = None


def read_configuration(root: Path) -> Configuration | None:
    """Return the configuration of the project in a folder; None if no table says that it is one.

    Raises:
        ConfigurationError: The file cannot be read as TOML, or the table is wrong.
        OSError: The file is there and cannot be read.
    """
    path = root / FILE
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path} is no TOML: {error}") from None
    tools = document.get("tool")
    if not isinstance(tools, dict):
        return None
    if TABLE not in tools:
        if similar := difflib.get_close_matches(TABLE, tools, 1, cutoff=0.85):
            raise ConfigurationError(
                f"{path} has [tool.{similar[0]}]; did you mean [tool.{TABLE}]?"
            )
        return None
    table = tools[TABLE]
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: `{TABLE}` must be a table, [tool.{TABLE}]")
    return _configuration(table, f"{path}: [tool.{TABLE}]")


def _configuration(table: Mapping[str, object], where: str) -> Configuration:
    """Return what a table says; every fault of it is told at once."""
    known = [field.name for field in fields(Configuration)]
    faults = [_unknown_key(key, known) for key in table if key not in known]
    paths: dict[str, PurePosixPath] = {}
    targets = TARGETS
    for key in known:
        if key in table:
            try:
                if key == "targets":
                    targets = _targets(table[key])
                else:
                    paths[key] = _path(table[key])
            except _WrongValueError as fault:
                faults.append(f"`{key}` {fault}")
    read = Configuration(targets=targets, **paths)
    for key in ("spec", "runtime"):
        source: PurePosixPath = getattr(read, key)
        if read.output.is_relative_to(source) or source.is_relative_to(read.output):
            faults.append(f"`output` and `{key}` must be two folders, neither inside the other")
    if any(part.startswith(".") for part in read.output.parts):
        faults.append(f"`output` must be no hidden folder, not '{read.output}'")
    if faults:
        raise ConfigurationError("\n".join(f"{where}: {fault}" for fault in faults))
    return read


class _WrongValueError(Exception):
    """What a key must be, and what it is."""


def _unknown_key(key: str, known: list[str]) -> str:
    return f"unknown key '{key}'; {_hint(key, known)}"


def _path(value: object) -> PurePosixPath:
    if not isinstance(value, str) or not value:
        raise _WrongValueError(f"must be a path in quotes, not {value!r}")
    if "\\" in value:
        raise _WrongValueError(f"must be a path with '/' between its folders, not {value!r}")
    path = PurePosixPath(value)
    absolute = path.is_absolute() or PureWindowsPath(value).drive
    if absolute or ".." in path.parts or not path.parts:
        raise _WrongValueError(f"must be a path to something inside the project, not {value!r}")
    return path


def _targets(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(target, str) for target in value):
        raise _WrongValueError(f"must be a list of texts, not {value!r}")
    for target in value:
        if target not in TARGETS:
            raise _WrongValueError(f"has an unknown '{target}'; {_hint(target, TARGETS)}")
    if not value:
        raise _WrongValueError(f"is empty; {_hint('', TARGETS)}")
    return tuple(target for target in TARGETS if target in value)


def _hint(name: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, known, 1)
    return f"did you mean '{close[0]}'?" if close else f"there are {', '.join(known)}"
