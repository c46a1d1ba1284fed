"""How a module can name an exception class: by what it has imported, or would have to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from mypy.nodes import Import, ImportFrom, MypyFile, SymbolTable, SymbolTableNode, TypeInfo

from nimnet_effects.request import Mention

_BUILTINS: Final = "builtins"


class Mentions:
    """The names that classes have in one module.

    Args:
        tree: the module.
        modules: all that mypy has loaded, by name.
    """

    def __init__(self, tree: MypyFile, modules: Mapping[str, MypyFile]) -> None:
        """Look at nothing yet."""
        self._module = tree.fullname
        self._modules = modules
        unreal = _for_types_alone(tree)
        self._names: dict[str, SymbolTableNode] = {
            name: symbol
            for name, symbol in tree.names.items()
            if name not in unreal and not name.startswith("__")
        }
        self._imported = [
            statement.id
            for statement in tree.imports
            if isinstance(statement, ImportFrom) and not statement.relative
        ]

    def of(self, fullname: str, within: str = "", line: int = 0) -> Mention | None:
        """How a class is named; None of one that no module has.

        Args:
            fullname: the class's full name, as mypy has it.
            within: the qualified name of the class in whose body it is to be named.
            line: where it is to be named; 0 for below all.
        """
        module, qualname = self._split(fullname)
        tree = self._modules.get(module)
        if tree is None or "@" in qualname or not _has(tree.names, qualname, fullname):
            return None
        top, dot, rest = qualname.partition(".")
        if module == self._module:
            if within.partition(".")[0] != top:
                node = tree.names[top].node
                return Mention(qualname, late=node is not None and 0 < line < node.line)
            # In the body of a class there is no such class yet, and none of its names but its own.
            inner = qualname.removeprefix(f"{within}.")
            return None if inner == qualname or "." in inner else Mention(inner)
        rest = dot + rest
        for name, symbol in self._names.items():
            if isinstance(symbol.node, TypeInfo) and symbol.node.fullname == f"{module}.{top}":
                return Mention(name + rest)
        free = top not in self._names
        if module == _BUILTINS and free:
            return Mention(qualname)
        for name, symbol in self._names.items():
            if isinstance(symbol.node, MypyFile) and _exports(symbol.node, module, top):
                return Mention(f"{name}.{qualname}")
        home = module if module == _BUILTINS else next(self._homes(module, top), module)
        if free:
            return Mention(qualname, home, top)
        return Mention(f"{home}.{qualname}", home)

    def _homes(self, module: str, name: str) -> Iterator[str]:
        """The modules to import a class from, the best of them first.

        Only such as every run knows: which others are loaded differs from one to the next.
        """
        parts = module.split(".")
        around = [".".join(parts[:count]) for count in range(1, len(parts) + 1)]
        # `_queue` is nobody's business, `queue` is.
        public = ".".join(part.lstrip("_") for part in parts)
        for each in (*self._imported, *around, public):
            tree = self._modules.get(each)
            if tree is not None and not _is_private(each) and _exports(tree, module, name):
                yield each

    def _split(self, fullname: str) -> tuple[str, str]:
        module = fullname.rpartition(".")[0]
        while module and module not in self._modules:
            module = module.rpartition(".")[0]
        return module, fullname[len(module) + 1 :]


def _is_private(module: str) -> bool:
    return any(part.startswith("_") for part in module.split("."))


def _for_types_alone(tree: MypyFile) -> set[str]:
    """The names that are imported where nothing runs: under `TYPE_CHECKING`."""
    found: set[str] = set()
    for statement in tree.imports:
        if statement.is_mypy_only and isinstance(statement, ImportFrom):
            found.update(alias or name for name, alias in statement.names)
        elif statement.is_mypy_only and isinstance(statement, Import):
            found.update(alias or name.partition(".")[0] for name, alias in statement.ids)
    return found


def _has(names: SymbolTable, qualname: str, fullname: str) -> bool:
    """Whether a class is where its full name says: not one of those within functions."""
    *outer, last = qualname.split(".")
    for name in outer:
        symbol = names.get(name)
        if symbol is None or not isinstance(symbol.node, TypeInfo):
            return False
        names = symbol.node.names
    symbol = names.get(last)
    return (
        symbol is not None
        and isinstance(symbol.node, TypeInfo)
        and symbol.node.fullname == fullname
    )


def _exports(tree: MypyFile, module: str, name: str) -> bool:
    symbol = tree.names.get(name)
    return (
        symbol is not None
        and symbol.module_public
        and isinstance(symbol.node, TypeInfo)
        and symbol.node.fullname == f"{module}.{name}"
    )
