"""What contract files say of packages: the project's own before those that packages ship."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nimnet_effects import declarations, store
from nimnet_effects.session.definitions import lookup

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nimnet_effects.contracts import Contract
    from nimnet_effects.inputs import Inputs
    from nimnet_effects.session.project import Project


class Packages:
    """Contracts from files, by the package or module at the beginning of full names."""

    def __init__(self, inputs: Inputs, project: Project) -> None:
        """Read no file of a package yet."""
        self.inputs = inputs
        self._project = project
        self._said: dict[str, dict[str, tuple[Contract, ...]]] = {}
        self._digests: dict[str, str] = {}
        # Where packages are that mypy may come to later.
        self._paths: dict[str, str] = {}

    def renew(self, inputs: Inputs) -> None:
        """Forget what has been read."""
        self.inputs = inputs
        self._said.clear()
        self._digests.clear()

    def locate(self, module: str, path: str) -> None:
        """Take note of where a module is, before mypy has loaded it."""
        if self._paths.get(module, path) != path:
            # It was elsewhere when something was kept that rests on it.
            self._said.pop(module, None)
            self._digests.pop(module, None)
        self._paths[module] = path

    def expect(self, paths: Mapping[str, str]) -> None:
        """Take note of where packages were, in case mypy has not come to them."""
        self._paths = {**paths, **self._paths}

    def path_of(self, package: str) -> str | None:
        """The `__init__.py` of a package, if it has one and is known."""
        tree = self._project.modules.get(package)
        path = self._paths.get(package) if tree is None else tree.path
        return path if path and _is_init(path) else None

    def contract_of(self, fullname: str) -> tuple[Contract, ...] | None:
        """What contract files say of a function, or of writing or deleting a property."""
        return self._said_of(fullname) or self._of_accessor(fullname)

    def _said_of(self, fullname: str) -> tuple[Contract, ...] | None:
        return self._all_of(fullname.partition(".")[0]).get(fullname)

    def _all_of(self, package: str) -> Mapping[str, tuple[Contract, ...]]:
        """What contract files say of the functions of a package or module, by full name."""
        found = self._said.get(package)
        if found is None:
            path = self.path_of(package)
            found = {} if path is None else self.inputs.shipped(path)
            found |= self.inputs.configuration.functions_of(package)
            if path is not None or package in self._project.modules:
                self._said[package] = found
        return found

    def _of_accessor(self, fullname: str) -> tuple[Contract, ...] | None:
        """One of the forms of its property, in the order of the source, or the one for them all."""
        outer, _, access = fullname.rpartition(".")
        forms = self._said_of(outer) if access in ("setter", "deleter") else None
        if forms is None:
            return None
        module, qualname = self._project.split(outer)
        tree = self._project.modules.get(module)
        node = None if tree is None or not qualname else lookup(tree, qualname)[0]
        for place, (each, _) in enumerate(declarations.accessors_of(node), 1):
            if each == access:
                return forms[place : place + 1] or forms[:1]
        return None

    def digest_of(self, package: str) -> str:
        """A digest of what contract files say of a package or module; "" for nothing."""
        found = self._digests.get(package)
        if found is None:
            path = self.path_of(package)
            found = store.contracts_digest(self.inputs.configuration.functions_of(package))
            found += "" if path is None else self.inputs.shipped_digest(path)
            if path is not None or package in self._project.modules:
                self._digests[package] = found
        return found

    def shipped_digest(self, module: str, path: str) -> str:
        """A digest of the contract file that is beside the `__init__.py` of a package."""
        if "." in module or not _is_init(path) or not self._project.is_source(path):
            return ""
        return self.inputs.shipped_digest(path)


def _is_init(path: str) -> bool:
    return path.rpartition(os.sep)[2].startswith("__init__.")
