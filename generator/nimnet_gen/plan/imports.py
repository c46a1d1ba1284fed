"""Import statements, derived from the symbols that a file uses, in the linter's order."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Final

from nimnet_gen.plan.layout import INDENT, import_line
from nimnet_gen.runtime.index import OVERLOADS

_RANK_PACKAGE: Final = 2
_HEAVY: Final = frozenset({"typing"})
"""Modules whose names only annotations use: importing them would cost users time at start-up."""
_NOT_CHECKING: Final = "TYPE_CHECKING = False  # and so `typing` costs no time at start-up"


class Imports:
    """The imports of one file; symbols are added in any order."""

    def __init__(self, package: str = "", runtime: str = "") -> None:
        """Start without imports.

        Args:
            package: The generated package, if the file is a part of it; the linter keeps imports
                from it apart, and users pay for what it imports when it starts.
            runtime: The package that it calls.
        """
        self._package = package
        self._runtime = runtime
        self._names: dict[str, set[str]] = {}
        self._annotations: dict[str, set[str]] = {}
        self._modules: set[str] = set()
        self._evaluated: set[str] = set()

    def name(self, module: str, name: str, alias: str = "") -> None:
        """Import one name of a module."""
        self._names.setdefault(module, set()).add(f"{name} as {alias}" if alias else name)

    def annotation(self, module: str, name: str, alias: str = "") -> None:
        """Import one name of a module, at run time only if something else needs it there."""
        self._annotations.setdefault(module, set()).add(f"{name} as {alias}" if alias else name)

    def module(self, module: str, *, evaluated: bool = False) -> None:
        """Import a module under its own name.

        In a file of a package only annotations name modules, and so only type checkers need them,
        unless what names one is `evaluated` when the file is imported.
        """
        self._modules.add(module)
        if evaluated:
            self._evaluated.add(module)

    def text(self) -> str:
        """Return all import statements, or an empty text."""
        light = self._package != ""
        sections: dict[int, list[str]] = {}
        for module in sorted(self._modules):
            if not light or module in self._evaluated:
                sections.setdefault(self._rank(module), []).append(f"import {module}")
        for module in sorted(self._names):
            if light and module in _HEAVY:
                continue
            sections.setdefault(self._rank(module), []).extend(_lines(module, self._names[module]))
        blocks = ["\n".join(sections[rank]) for rank in sorted(sections)]
        if light and (checked := self._checked()):
            blocks.append("\n".join(checked))
        return "\n\n".join(blocks)

    def _checked(self) -> list[str]:
        """Return the statement that imports what only type checkers need of heavy modules."""
        names = {module: self._names[module] for module in _HEAVY & self._names.keys()}
        for module, annotating in self._annotations.items():
            if only := annotating - self._names.get(module, set()):
                names[module] = only
        sections: dict[int, list[str]] = {}
        for module in sorted(self._modules - self._evaluated):
            sections.setdefault(self._rank(module), []).append(f"import {module}")
        for module in sorted(names):
            sections.setdefault(self._rank(module), []).extend(_lines(module, names[module]))
        if not sections:
            return []
        lines = "\n\n".join("\n".join(sections[rank]) for rank in sorted(sections)).splitlines()
        statement = [_NOT_CHECKING, "if TYPE_CHECKING:"]
        statement += [f"{INDENT}{line}".rstrip() for line in lines]
        if "overload" in names.get("typing", ()):
            statement += ["else:", f"{INDENT}from {self._runtime}.{OVERLOADS} import overload"]
        return statement

    def _rank(self, module: str) -> int:
        root = module.partition(".")[0]
        if module == "__future__":
            return -1
        if root in sys.stdlib_module_names:
            return 0
        return _RANK_PACKAGE if root == self._package else 1


def _lines(module: str, names: Iterable[str]) -> list[str]:
    """Return the statements that import names of a module; one under another name stands alone."""
    ordered = sorted(names, key=sort_key)
    plain = [name for name in ordered if " as " not in name]
    lines = [import_line(module, plain)] if plain else []
    return lines + [f"from {module} import {name}" for name in ordered if " as " in name]


def sort_key(name: str) -> tuple[int, list[tuple[int, int, str]], str]:
    """Order names as the linter does: constants, classes, the rest; numbers by their value."""
    bare = name.partition(" ")[0]
    if bare.isupper() and len(bare) > 1:
        kind = 0
    elif bare[:1].isupper():
        kind = 1
    else:
        kind = 2
    return kind, natural_key(name.lower()), name


def natural_key(text: str) -> list[tuple[int, int, str]]:
    """Return a key under which `A10` comes after `A9`."""
    parts = re.findall(r"\d+|\D", text)
    return [(0, int(part), "") if part.isdecimal() else (1, 0, part) for part in parts]


def exports(names: Iterable[str]) -> list[str]:
    """Return the names of an `__all__` in the linter's order."""

    def key(name: str) -> tuple[int, list[tuple[int, int, str]]]:
        kind = 0 if name.isupper() else 1 if name[:1].isupper() else 2
        return kind, natural_key(name)

    return sorted(set(names), key=key)
