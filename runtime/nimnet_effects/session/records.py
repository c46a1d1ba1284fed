"""What modules do: found in this run, or in a former one that still holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nimnet_effects.request import Result
    from nimnet_effects.session.project import Project
    from nimnet_effects.store import Record, Store


class Records:
    """The records of all modules, in this process and in mypy's cache."""

    def __init__(self, store: Store, project: Project) -> None:
        """Know nothing but what is kept."""
        self.store = store
        self._project = project
        self._found: dict[str, Record] = {}
        self._consulted: dict[str, Mapping[str, frozenset[str]]] = {}
        # Modules of which what was kept still holds.
        self._valid: set[str] = set()

    def begin(self, module: str) -> None:
        """Forget a module that mypy is going to check."""
        self._valid.discard(module)
        self._found.pop(module, None)

    def hold(self, module: str) -> None:
        """Take note that what was kept of a module holds."""
        self._valid.add(module)

    def note(self, record: Record, result: Result) -> None:
        """Take note of what a module does."""
        self._found[record.module] = record
        self._consulted[record.module] = result.consulted

    def drop(self, module: str) -> None:
        """Keep nothing of a module."""
        self.begin(module)
        self.store.drop(module)

    def found(self, module: str) -> Record | None:
        """What a module does, if this process has found it."""
        return self._found.get(module)

    def of(self, module: str) -> Record | None:
        """What a module does, if it has been analysed, in this run or a former one that holds."""
        found = self._found.get(module)
        if found is None and module in self._valid and not self._project.is_open(module):
            found = self.store.stored(module)
        return found

    def found_now(self) -> Iterator[str]:
        """The modules that this process has analysed, and mypy still has."""
        return iter(self._found.keys() & self._project.modules.keys())

    def consulted(self, module: str, qualname: str) -> frozenset[str]:
        """The full names of functions that what a function does rests on."""
        return self._consulted.get(module, {}).get(qualname, frozenset())

    def beneath(self, record: Record) -> dict[str, str]:
        """The digests of the sources of all that a module imports, by path."""
        found = self.store.beneath(record.imports, self._found)
        found.pop(record.path, None)
        return found

    def closure(self, imports: Iterable[str]) -> Iterable[str]:
        """Modules and all that they import, as far as there are records of them."""
        return self.store.closure(imports, self._found)
