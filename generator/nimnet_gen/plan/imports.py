"""Import statements, derived from the symbols that a file uses, in the linter's order."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Final

from nimnet_gen.plan.layout import INDENT, Group, import_line, laid_out, quoted

_RANK_PACKAGE: Final = 2
_HEAVY: Final = frozenset({"typing"})
"""Modules whose names only annotations use: importing them would cost users time at start-up."""
LATER: Final = "_later"
"""The module of a package that has what stands for modules which are loaded later."""
OVERLOADS: Final = "_overloads"
"""The module of a package that has the decorators of overloads."""
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
        self._modules: set[str] = set()
        self._instead: dict[str, tuple[Sequence[str], str, str]] = {}
        self._evaluated: set[str] = set()

    def name(self, module: str, name: str, alias: str = "") -> None:
        """Import one name of a module."""
        self._names.setdefault(module, set()).add(f"{name} as {alias}" if alias else name)

    def module(self, module: str, *, evaluated: bool = False) -> None:
        """Import a module under its own name.

        In a file of a package only annotations name modules, and so only type checkers need them
        before anybody asks, unless what names one is `evaluated` when the file is imported.
        """
        self._modules.add(module)
        if evaluated:
            self._evaluated.add(module)

    def instead(self, shown: Sequence[str], module: str, name: str, alias: str) -> None:
        """Import a name of a module, which type checkers take for something else.

        Args:
            shown: The lines that say what they take it for.
            module: The module.
            name: Its name there.
            alias: Its name here.
        """
        self._instead[alias] = (shown, module, name)

    def text(self) -> str:
        """Return all import statements, or an empty text."""
        if not self._package:
            return self._blocks(self._modules, self._names)
        # What shares its first name with a module that is loaded anyway comes with that one.
        loaded = {_root(module) for module in self._evaluated}
        later = {module for module in self._modules if _root(module) not in loaded}
        light = {module: names for module, names in self._names.items() if module not in _HEAVY}
        heavy = {module: names for module, names in self._names.items() if module in _HEAVY}
        parts = (self._blocks(self._modules - later, light), self._checked(later, heavy))
        return "\n\n".join(part for part in parts if part)

    def _checked(self, later: Set[str], heavy: Mapping[str, set[str]]) -> str:
        """Return the statement that imports what only annotations name.

        At run time there is something else of the same name: a decorator of the package's own, and
        modules that are loaded when somebody looks a name of theirs up, `typing.get_type_hints`.
        """
        if not (later or heavy or self._instead):
            return ""
        instead: dict[str, set[str]] = {}
        for alias, (_, module, name) in self._instead.items():
            instead[module] = {f"{name} as {alias}"}
        if "overload" in heavy.get("typing", ()):
            instead[f"{self._package}.{OVERLOADS}"] = {"overload"}
        if later:
            instead[f"{self._package}.{LATER}"] = {"Later"}
        statement = [_NOT_CHECKING, "if TYPE_CHECKING:", *_inside(self._blocks(later, heavy))]
        if self._instead:
            statement.append("")
            statement += _inside(
                "\n".join(line for one in self._instead.values() for line in one[0])
            )
        if instead:
            statement += ["else:", *_inside(self._blocks((), instead))]
        if later:
            statement.append("")
        for root in sorted({_root(module) for module in later}):
            modules = [quoted(module) for module in sorted(later) if _root(module) == root]
            statement += _inside(
                laid_out(Group(f"{root} = Later(", tuple(modules), ")"), reserved=len(INDENT))
            )
        return "\n".join(statement)

    def _blocks(self, modules: Iterable[str], names: Mapping[str, set[str]]) -> str:
        """Return import statements in the linter's order, its sections apart."""
        sections: dict[int, list[str]] = {}
        for module in sorted(modules, key=str.lower):
            sections.setdefault(self._rank(module), []).append(f"import {module}")
        for module in sorted(names, key=str.lower):
            sections.setdefault(self._rank(module), []).extend(_lines(module, names[module]))
        return "\n\n".join("\n".join(sections[rank]) for rank in sorted(sections))

    def _rank(self, module: str) -> int:
        root = _root(module)
        if module == "__future__":
            return -1
        if root in sys.stdlib_module_names:
            return 0
        return _RANK_PACKAGE if root == self._package else 1


def _root(module: str) -> str:
    return module.partition(".")[0]


def _inside(text: str) -> list[str]:
    """Return the lines of a text inside a statement."""
    return [f"{INDENT}{line}".rstrip() for line in text.splitlines()]


def _lines(module: str, names: Iterable[str]) -> list[str]:
    """Return the statements that import names of a module; one under another name stands alone.

    The statements are in the order of what each names first, as the linter has them.
    """
    ordered = sorted(names, key=sort_key)
    plain = [name for name in ordered if " as " not in name]
    lines = {name: f"from {module} import {name}" for name in ordered if " as " in name}
    if plain:
        lines[plain[0]] = import_line(module, plain)
    first = sorted(lines, key=lambda name: sort_key(name.partition(" as ")[0]))
    return [lines[name] for name in first]


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
