"""What a module's tree has, whatever mypy knows of its types: functions, and what it imports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from mypy.nodes import (
    Decorator,
    FuncDef,
    Import,
    ImportAll,
    ImportFrom,
    OverloadedFuncDef,
    TypeInfo,
)

from nimnet_effects import declarations

if TYPE_CHECKING:
    from collections.abc import Callable

    from mypy.nodes import Expression, MypyFile, SymbolNode, SymbolTable

    from nimnet_effects.contracts import Contract
    from nimnet_effects.declarations import Values

_DECLARING: Final = frozenset({Decorator, OverloadedFuncDef, TypeInfo})


def lookup(tree: MypyFile, qualname: str) -> tuple[SymbolNode | None, TypeInfo | None]:
    """A definition within a module, and the class that it stands in."""
    names = tree.names
    info: TypeInfo | None = None
    *outer, last = qualname.split(".")
    for name in outer:
        symbol = names.get(name)
        if symbol is None or not isinstance(symbol.node, TypeInfo):
            return None, None
        info = symbol.node
        names = info.names
    symbol = names.get(last)
    return (None if symbol is None else symbol.node), info


def implementation(node: SymbolNode | None) -> FuncDef | None:
    """The function that a definition runs, without what stands around it."""
    if isinstance(node, OverloadedFuncDef):
        node = node.impl
    if isinstance(node, Decorator):
        node = node.func
    return node if isinstance(node, FuncDef) else None


def decorated(node: SymbolNode | None) -> Decorator | None:
    """What stands around the function that a definition runs."""
    if isinstance(node, OverloadedFuncDef):
        node = node.impl
    return node if isinstance(node, Decorator) else None


def declared(
    tree: MypyFile, wraps: Callable[[Expression], bool | None], values: Values
) -> dict[str, tuple[Contract, ...]]:
    """What the functions of a module and of its classes declare, by qualified name."""
    found: dict[str, tuple[Contract, ...]] = {}
    for qualname, node in _can_declare(tree.names, tree.fullname, ""):
        said = declarations.of_definition(node, wraps, values)
        if said is not None:
            found[qualname] = said
        for access, accessor in declarations.accessors_of(node):
            said = declarations.of_definition(accessor, wraps, values)
            if said is not None:
                found[f"{qualname}.{access}"] = said
    return found


def _can_declare(
    names: SymbolTable, home: str, outer: str
) -> list[tuple[str, Decorator | OverloadedFuncDef]]:
    """What is defined here, or in classes in here, and has decorators; with its qualified name.

    Args:
        names: of a module or a class.
        home: its full name.
        outer: what the qualified names begin with.
    """
    found: list[tuple[str, Decorator | OverloadedFuncDef]] = []
    for name, symbol in names.items():
        node = symbol.node
        if node is None or type(node) not in _DECLARING:
            continue
        shown = name.partition("-redef")[0]
        if node.fullname != f"{home}.{shown}":
            continue  # it is imported
        if isinstance(node, TypeInfo):
            found += _can_declare(node.names, node.fullname, f"{outer}{shown}.")
        elif isinstance(node, (Decorator, OverloadedFuncDef)):
            found.append((f"{outer}{shown}", node))
    return found


def imports(tree: MypyFile) -> tuple[str, ...]:
    """The modules that a module may import, submodules of packages included."""
    found: set[str] = set()
    for statement in tree.imports:
        if isinstance(statement, Import):
            found.update(name for name, _ in statement.ids)
        elif isinstance(statement, (ImportFrom, ImportAll)):
            base = statement.id
            if statement.relative:
                parts = tree.fullname.split(".")
                up = statement.relative - tree.is_package_init_file()
                base = ".".join([*parts[: len(parts) - up], *filter(None, [statement.id])])
            found.add(base)
            if isinstance(statement, ImportFrom):
                found.update(f"{base}.{name}" for name, _ in statement.names)
    return tuple(sorted(found))
