"""What is kept of each module between runs of mypy, and whether it still holds.

JSON, in a file in mypy's cache folder. Whether the source of a module changed, or that of one it
imports, mypy finds out by itself; what it cannot see is what functions elsewhere raise. So each
record has a *token*, which mypy's cache has as well and counts to the interface of the module: a
new token, given when what the functions of a module do has changed, makes mypy check again the
modules that import it. A file that is missing or damaged only costs that all are checked again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

from nimnet_effects.contracts import Contract, Given
from nimnet_effects.journal import Journal, digest_of
from nimnet_effects.request import LINES, Json, Summary

FORMAT: Final = 1
# Before the name of a module: none is called so.
_NAMES: Final = "names:"


@dataclass(slots=True)
class Record:
    """What is kept of one module.

    Attributes:
        configuration: the digest of what applies to every module.
        shipped: the digest of the contract file of a package, if it is that of its `__init__.py`.
        token: what mypy's cache has of the module; "" until it has been asked for.
        imports: the modules that it may import directly.
        declared: what its functions declare, by qualified name.
        summaries: what its functions do, by qualified name.
        contracts: digests of what contract files say of the packages whose functions it asked for,
            the project's own and theirs.
        packages: paths of the packages whose own contract files were looked for.
        beneath: digests of the sources that it rests on, by path: those whose lines its findings
            tell, and all where mypy would not show the plugin a module that it checks again for a
            change in one of them.
        asked: the modules whose functions it asked for; not stored.
    """

    module: str
    path: str
    configuration: str
    shipped: str = ""
    token: str = ""
    imports: tuple[str, ...] = ()
    declared: Mapping[str, tuple[Contract, ...]] = field(default_factory=dict)
    summaries: dict[str, Summary] = field(default_factory=dict)
    contracts: dict[str, str] = field(default_factory=dict)
    packages: dict[str, str] = field(default_factory=dict)
    beneath: dict[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()

    def effects(self, *, lines: bool = False) -> str:
        """A digest of all that other modules can see of what the functions do.

        Args:
            lines: whether the places count at which they do it, which only messages tell of.
        """
        declared = {
            name: [_contract_to_json(form) for form in forms]
            for name, forms in self.declared.items()
        }
        summaries = self.summaries
        if not lines:
            summaries = {
                name: {key: value for key, value in summary.items() if key != LINES}
                for name, summary in summaries.items()
            }
        seen = [declared, summaries, self.shipped]
        return digest_of(json.dumps(seen, sort_keys=True).encode())


class _Declared(Mapping[str, tuple[Contract, ...]]):
    """What was stored of declarations: most of it is never asked for."""

    def __init__(self, entry: dict[str, list[dict[str, object]]]) -> None:
        self._entry = entry
        self._read: dict[str, tuple[Contract, ...]] = {}

    def __getitem__(self, name: str) -> tuple[Contract, ...]:
        if name not in self._read:
            self._read[name] = tuple(map(_contract_from_json, self._entry[name]))
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._entry)

    def __len__(self) -> int:
        return len(self._entry)


def contracts_digest(contracts: Mapping[str, tuple[Contract, ...]]) -> str:
    """A digest of contracts, by full names; "" for none."""
    entry = {name: [_contract_to_json(form) for form in contracts[name]] for name in contracts}
    return digest_of(json.dumps(entry, sort_keys=True).encode()) if entry else ""


def files_digest(folder: Path) -> str:
    """A digest of which Python files a folder and those below it have, without reading them."""
    found: list[tuple[str, int, int]] = []
    waiting = [str(folder)]
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir():
                    waiting.append(entry.path)
                elif entry.name.endswith(".py"):
                    status = entry.stat()
                    found.append((entry.path, status.st_size, status.st_mtime_ns))
    return digest_of(repr(sorted(found)).encode())


def file_digest(path: Path) -> str:
    """A digest of what a file says; "" if it is missing or cannot be read."""
    try:
        return digest_of(path.read_bytes())
    except OSError:
        return ""


class Store:
    """The records of one cache, read when they are asked for."""

    def __init__(self, path: Path | None) -> None:
        """Take the file; None if nothing is kept, as with `cache_dir = /dev/null`."""
        self._journal = None if path is None else Journal(path)
        self._read: dict[str, Record | None] = {}
        self._digests: dict[str, str] = {}

    @property
    def is_kept(self) -> bool:
        """Whether anything is written."""
        return self._journal is not None

    def stored(self, module: str) -> Record | None:
        """What an earlier run kept of a module, whether or not it still holds."""
        if module not in self._read:
            self._read[module] = self._load(module)
        return self._read[module]

    def keep(self, record: Record) -> None:
        """Write a record; if it cannot be written, the next run checks its module again."""
        self._read[record.module] = record
        if self._journal is not None:
            text = json.dumps(_to_json(record), separators=(",", ":"))
            self._journal.put(record.module, text)

    def drop(self, module: str) -> None:
        """Keep nothing of a module any more."""
        self._read[module] = None
        if self._journal is not None:
            self._journal.drop(module)

    def looked_at(self, module: str) -> str:
        """The digest of the names that a module was found to have; "" for none."""
        text = None if self._journal is None else self._journal.get(_NAMES + module)
        return "" if text is None else text

    def note_names(self, module: str, names: str) -> None:
        """Take note of the digest of the names that a module has: they are not looked for again."""
        if self._journal is not None and self.looked_at(module) != names:
            self._journal.put(_NAMES + module, names)

    def _load(self, module: str) -> Record | None:
        text = None if self._journal is None else self._journal.get(module)
        return None if text is None else _from_json(json.loads(text))

    def holds(
        self,
        record: Record,
        configuration: str,
        contracts: Callable[[str], str],
    ) -> bool:
        """Whether what a record rests on, besides what mypy looks after, is as it was.

        Args:
            record: one that was stored.
            configuration: the digest of what applies to every module.
            contracts: the digest of what contract files say of a package.
        """
        return (
            record.configuration == configuration
            and all(contracts(name) == was for name, was in record.contracts.items())
            and all(self.digest_of(path) == was for path, was in record.beneath.items())
        )

    def beneath(self, imports: Iterable[str], known: Mapping[str, Record]) -> dict[str, str]:
        """The digests of the sources of modules and of all that they import, by path."""
        return {
            record.path: self.digest_of(record.path)
            for record in self.closure(imports, known).values()
        }

    def closure(self, imports: Iterable[str], known: Mapping[str, Record]) -> dict[str, Record]:
        """The records of modules and of all that they import, as far as there are any."""
        found: dict[str, Record] = {}
        waiting = list(imports)
        while waiting:
            module = waiting.pop()
            record = None if module in found else known.get(module) or self.stored(module)
            if record is not None:
                found[module] = record
                waiting.extend(record.imports)
        return found

    def digest_of(self, path: str) -> str:
        """The digest of a file, which is read once; "" if it cannot be read."""
        if path not in self._digests:
            self._digests[path] = file_digest(Path(path))
        return self._digests[path]


def _contract_to_json(contract: Contract) -> Json:
    return {
        "raises": list(contract.raises),
        "given": {
            name: [list(given.raises), list(given.unless)] for name, given in contract.given.items()
        },
        "imposed": list(contract.imposed),
        "imposes": list(contract.imposes),
        "tags": list(contract.tags),
        "silent": contract.silent,
    }


def _contract_from_json(entry: dict[str, object]) -> Contract:
    given = cast("dict[str, list[list[str]]]", entry["given"])
    return Contract(
        _texts(entry["raises"]),
        {name: Given(tuple(classes), tuple(unless)) for name, (classes, unless) in given.items()},
        _texts(entry["imposed"]),
        _texts(entry["imposes"]),
        _texts(entry["tags"]),
        silent=bool(entry["silent"]),
    )


def _texts(entry: object) -> tuple[str, ...]:
    return tuple(cast("list[str]", entry))


def _to_json(record: Record) -> dict[str, object]:
    return {
        "format": FORMAT,
        "module": record.module,
        "path": record.path,
        "configuration": record.configuration,
        "shipped": record.shipped,
        "token": record.token,
        "imports": record.imports,
        "declared": {
            name: [_contract_to_json(form) for form in forms]
            for name, forms in record.declared.items()
        },
        "summaries": record.summaries,
        "contracts": record.contracts,
        "packages": record.packages,
        "beneath": record.beneath,
    }


def _from_json(entry: dict[str, object]) -> Record | None:
    if entry.pop("format") != FORMAT:
        return None
    declared = cast("dict[str, list[dict[str, object]]]", entry.pop("declared"))
    imports = cast("list[str]", entry.pop("imports"))
    return Record(
        declared=_Declared(declared),
        imports=tuple(imports),
        **cast("dict[str, str]", entry),  # type: ignore[arg-type]  # its other keys are the names
    )
