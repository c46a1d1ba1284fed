"""The table `[tool.nimnet-gen]` of a project's `pyproject.toml`: where its parts are.

Paths are relative to the project and stay inside of it. A key that is left out has its default; the
data files have none, so that a project names those that it has.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Final

FILE: Final = "pyproject.toml"
TABLE: Final = "nimnet-gen"

TARGETS: Final = ("package", "tests", "oracle", "reference")
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
    table = tools.get(TABLE) if isinstance(tools, dict) else None
    if table is None:
        return None
    if not isinstance(table, dict):
        raise ConfigurationError(f"{path}: `{TABLE}` must be a table, [tool.{TABLE}]")
    return _configuration(table, f"{path}: [tool.{TABLE}]")


def _configuration(table: Mapping[str, object], where: str) -> Configuration:
    known = [field.name for field in fields(Configuration)]
    for key in table:
        if key not in known:
            close = difflib.get_close_matches(key, known, 1)
            hint = f"did you mean '{close[0]}'?" if close else f"it has {', '.join(known)}"
            raise ConfigurationError(f"{where} has an unknown key '{key}'; {hint}")
    targets = _targets(table["targets"], where) if "targets" in table else TARGETS
    paths = {
        key: _path(value, f"{where}: `{key}`") for key, value in table.items() if key != "targets"
    }
    return Configuration(targets=targets, **paths)


def _path(value: object, where: str) -> PurePosixPath:
    if not isinstance(value, str) or not value:
        raise ConfigurationError(f"{where} must be a path in quotes, not {value!r}")
    path = PurePosixPath(value)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ConfigurationError(f"{where} must be a path inside of the project, not {value!r}")
    return path


def _targets(value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(target in TARGETS for target in value):
        raise ConfigurationError(
            f"{where}: `targets` must be a list of {', '.join(TARGETS)}, not {value!r}"
        )
    return tuple(target for target in TARGETS if target in value)
