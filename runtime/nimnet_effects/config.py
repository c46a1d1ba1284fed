"""What a project says in the table `[tool.nimnet_effects]` of its `pyproject.toml`.

[tool.nimnet_effects]
contracts = ["contracts/*.toml"]     # files, beside the pyproject.toml
unchecked = ["shop.errors.Fatal"]    # what nobody has to declare, besides UNCHECKED
require_declared = ["shop.*"]        # modules in which every public function must declare

[tool.nimnet_effects.functions]      # contracts, as in such a file
"json.loads" = {raises = ["json.decoder.JSONDecodeError"]}
"""

from __future__ import annotations

import fnmatch
import hashlib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

from nimnet_effects import contracts
from nimnet_effects.contracts import Contract, MalformedError

UNCHECKED: Final = frozenset(
    {
        "builtins.AssertionError",
        "builtins.MemoryError",
        "builtins.NotImplementedError",
        "builtins.RecursionError",
    }
)
_TABLE: Final = "tool.nimnet_effects"
_KEYS: Final = ("contracts", "functions", "require_declared", "unchecked")


class Named(NamedTuple):
    """A full name in the configuration, which something must have.

    Attributes:
        where: file and key.
        forms: the contracts of a function; None for a class of exceptions.
    """

    name: str
    where: str
    forms: tuple[Contract, ...] | None = None


class Configuration(NamedTuple):
    """The table, with all contracts that it names.

    Attributes:
        functions: the project's contracts of other people's functions, by full names.
        unchecked: full names of exception classes that nobody has to declare.
        require_declared: patterns of the modules in which every public function must declare.
        named: the names in all of these.
        digest: changes with whatever findings everywhere depend on: not with contracts, of which
            each module knows those that it consulted.
    """

    functions: Mapping[str, tuple[Contract, ...]] = MappingProxyType({})
    unchecked: frozenset[str] = UNCHECKED
    require_declared: tuple[str, ...] = ()
    named: tuple[Named, ...] = ()

    @property
    def digest(self) -> str:
        """Changes with what findings depend on in every module; contracts are not part of it."""
        return hashlib.sha256(
            repr((sorted(self.unchecked), self.require_declared)).encode()
        ).hexdigest()

    def functions_of(self, package: str) -> dict[str, tuple[Contract, ...]]:
        """The contracts of a package's or module's functions, by full names."""
        prefix = f"{package}."
        return {name: found for name, found in self.functions.items() if name.startswith(prefix)}

    def names_digest(self, module: str) -> str:
        """Changes with the names that a module may have to define; "" for none."""
        concerned = [each for each in self.named if each.name.startswith(f"{module}.")]
        return hashlib.sha256(repr(concerned).encode()).hexdigest()[:16] if concerned else ""

    @property
    def contracts_digest(self) -> str:
        """Changes with any of the contracts."""
        return hashlib.sha256(repr(sorted(self.functions.items())).encode()).hexdigest()

    def requires_declared(self, module: str) -> bool:
        """Whether every public function of the module must declare; `shop.*` includes `shop`."""
        return any(
            fnmatch.fnmatchcase(module, pattern)
            or (pattern.endswith(".*") and module == pattern.removesuffix(".*"))
            for pattern in self.require_declared
        )


def find(config_file: str | None) -> Path | None:
    """The `pyproject.toml` that belongs to mypy's configuration, or to the current folder.

    The one beside the file that mypy is configured by; without such a file, the first one upwards
    from the current folder.
    """
    if config_file:
        beside = Path(config_file).resolve().parent / "pyproject.toml"
        if beside.is_file():
            return beside
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "pyproject.toml").is_file():
            return folder / "pyproject.toml"
    return None


def load(path: Path | None) -> Configuration:
    """The configuration of a `pyproject.toml`; the defaults where there is none.

    Raises:
        MalformedError: with the file and the key that is wrong.
    """
    if path is None:
        return Configuration()
    shown = contracts.shown(path)
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise MalformedError(shown, f"cannot be read: {error.strerror or error}") from error
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise MalformedError(shown, f"is not TOML: {error}") from error
    tool = document.get("tool")
    table = tool.get("nimnet_effects", {}) if isinstance(tool, dict) else {}
    where = f"{shown}: [{_TABLE}]"
    if not isinstance(table, dict):
        raise MalformedError(where, f"must be a table, not {table!r}")
    for key in table:
        if key not in _KEYS:
            raise MalformedError(
                f"{where} {key}", f"is no key of this table: these are {', '.join(_KEYS)}"
            )
    functions: dict[str, tuple[Contract, ...]] = {}
    origins: dict[str, str] = {}
    for pattern in contracts.words(table.get("contracts", []), f"{where} contracts"):
        for file in _files(path.parent, pattern, f"{where} contracts"):
            said = contracts.read_file(file)
            functions |= said
            origins |= dict.fromkeys(said, contracts.shown(file))
    inline = table.get("functions", {})
    if not isinstance(inline, dict):
        raise MalformedError(f"{where} functions", f"must be a table, not {inline!r}")
    said = contracts.read_table(inline, f"{shown}: [{_TABLE}.functions]")
    functions |= said
    origins |= dict.fromkeys(said, f"{shown}: [{_TABLE}.functions]")
    unchecked = contracts.classes(table.get("unchecked", []), f"{where} unchecked")
    required = contracts.words(table.get("require_declared", []), f"{where} require_declared")
    named = [Named(name, f"{where} unchecked") for name in unchecked]
    for name, forms in functions.items():
        named.append(Named(name, origins[name], forms))
        exceptions = sorted({each for form in forms for each in form.names()})
        named += [Named(each, f'{origins[name]}: ["{name}"]') for each in exceptions]
    return Configuration(functions, UNCHECKED | set(unchecked), required, tuple(named))


def _files(folder: Path, pattern: str, where: str) -> list[Path]:
    """The files that a pattern names, in the order of their names."""
    if not pattern or Path(pattern).is_absolute():
        found = [Path(pattern)] if pattern else []
    else:
        found = sorted(file for file in folder.glob(pattern) if file.is_file())
    if not found:
        raise MalformedError(where, f"{pattern!r} names no file in {contracts.shown(folder)}")
    return found
