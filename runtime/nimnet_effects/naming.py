"""Names in the configuration, held against the modules that mypy has loaded.

A name that nothing has, a contract of something that is no function, a parameter that the function
does not have: each would be without effect, and nobody would notice. Of modules that are not part
of a run nothing can be said, and nothing is; nor of what a module defines for other platforms or
versions of Python alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from mypy.nodes import (
    ARG_STAR2,
    Decorator,
    FuncDef,
    MypyFile,
    OverloadedFuncDef,
    TypeAlias,
    TypeInfo,
    Var,
)
from mypy.types import FunctionLike, Instance, get_proper_type

from nimnet_effects.resolution.actuals import place_of

if TYPE_CHECKING:
    from mypy.nodes import SymbolNode, SymbolTable

    from nimnet_effects.config import Named

_ACCESSORS: Final = ("setter", "deleter")
_BASE: Final = "builtins.BaseException"


class _Missing(NamedTuple):
    """The part of a name that nothing has, of those names that are there instead."""

    part: str
    scope: str
    others: tuple[str, ...]


def owners(named: Iterable[Named], modules: Mapping[str, MypyFile]) -> list[str]:
    """The modules that are to define the names of a configuration, as far as they are loaded."""
    found = {_owner(each.name, modules) for each in named}
    # Of one that was parsed alone, the names are not bound yet.
    return sorted(owner for owner in found if owner and "__name__" in modules[owner].names)


def complaints(
    named: Iterable[Named], module: str, modules: Mapping[str, MypyFile]
) -> Iterator[str]:
    """What is wrong with the names of a configuration that a module is to define.

    Args:
        named: all names of the configuration.
        module: the module, whose names have been bound.
        modules: all that have been loaded.
    """
    for each in named:
        if _owner(each.name, modules) == module:
            for complaint in _complaints(each, modules[module], modules):
                yield f'{each.where}: "{each.name}" {complaint}'


def _owner(name: str, modules: Mapping[str, MypyFile]) -> str:
    """The module that is to define a name: the longest of those that it begins with."""
    owner = name.rpartition(".")[0]
    while owner and owner not in modules:
        owner = owner.rpartition(".")[0]
    return owner


def _complaints(named: Named, tree: MypyFile, modules: Mapping[str, MypyFile]) -> Iterator[str]:
    parts = named.name.removeprefix(f"{tree.fullname}.").split(".")
    accessor = named.forms is not None and parts[-1] in _ACCESSORS and len(parts) > 1
    found = _found(tree, parts[:-1] if accessor else parts, modules)
    if isinstance(found, _Missing):
        if not _is_defined_in(tree, found.part):
            close = get_close_matches(found.part, found.others, 1)
            meant = f'; did you mean "{close[0]}"?' if close else ""
            yield f'is unknown: "{found.scope}" has no "{found.part}"{meant}'
    elif found is not None:
        yield from _of_class(found) if named.forms is None else _of_function(named, found)


def _of_class(node: SymbolNode) -> Iterator[str]:
    info = _class_of(node)
    if info is None:
        yield "is no class"
    elif not info.has_base(_BASE) and not info.fallback_to_any:
        yield "is no class of exceptions"


def _of_function(named: Named, node: SymbolNode) -> Iterator[str]:
    if isinstance(node, MypyFile):
        yield "is a module: contracts are of functions, methods and classes"
        return
    fullname = _fullname(node)
    name = named.name
    if name.endswith(tuple(f".{each}" for each in _ACCESSORS)):
        name = name.rpartition(".")[0]
    if fullname != name:
        yield f'is defined elsewhere: its full name is "{fullname}"'
        return
    functions = list(_functions(node))
    if not functions or any(ARG_STAR2 in each.arg_kinds and each.info for each in functions):
        # A class that makes its objects in a way of its own.
        return
    names = {name for each in functions for name in each.arg_names if name is not None}
    for parameter in dict.fromkeys(key for form in named.forms or () for key in form.given):
        if not any(_has(each, parameter) for each in functions):
            close = get_close_matches(parameter, sorted(names - {parameter}), 1)
            meant = f'; did you mean "{close[0]}"?' if close else ""
            yield f'has no parameter "{parameter}"{meant}'


def _has(function: FuncDef, parameter: str) -> bool:
    place = place_of(parameter, function)
    return place is not None and not function.arg_kinds[place].is_star()


def _found(
    tree: MypyFile, parts: list[str], modules: Mapping[str, MypyFile]
) -> SymbolNode | _Missing | None:
    """What a name within a module means; None if that cannot be known."""
    names: SymbolTable = tree.names
    scope = tree.fullname
    info: TypeInfo | None = None
    node: SymbolNode | None = None
    for part in parts:
        symbol = names.get(part) if info is None else info.get(part)
        if symbol is None:
            if info is None and _is_submodule(tree, part):
                return None
            if info is not None and info.fallback_to_any:
                return None
            below = [
                name.rpartition(".")[2] for name in modules if name.rpartition(".")[0] == scope
            ]
            return _Missing(part, scope, (*names, *below))
        node = symbol.node
        if not isinstance(
            node, (Decorator, FuncDef, MypyFile, OverloadedFuncDef, TypeAlias, TypeInfo)
        ) and not (isinstance(node, Var) and isinstance(get_proper_type(node.type), FunctionLike)):
            return None
        scope = f"{scope}.{part}"
        info = _class_of(node)
        if isinstance(node, MypyFile):
            names = node.names
        elif info is not None:
            names = info.names
        elif part is not parts[-1]:
            return _Missing(parts[parts.index(part) + 1], scope, ())
    return node


def _is_submodule(tree: MypyFile, name: str) -> bool:
    """Whether a package has a module of the name, which was not loaded."""
    if not tree.is_package_init_file():
        return False
    folder = Path(tree.path).parent
    return (folder / name).is_dir() or any(folder.glob(f"{name}.*"))


def _is_defined_in(tree: MypyFile, name: str) -> bool:
    """Whether the source of a module defines a name somewhere, for another platform perhaps."""
    try:
        source = ast.parse(Path(tree.path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return True
    return any(name in _bound(node) for node in ast.walk(source))


def _bound(node: ast.AST) -> tuple[str | None, ...]:
    """The names that a node gives something to."""
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return (node.name,)
    if isinstance(node, ast.alias):
        return (node.asname or node.name,)
    return (node.id,) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ()


def _class_of(node: SymbolNode | None) -> TypeInfo | None:
    if isinstance(node, TypeInfo):
        return node
    if isinstance(node, TypeAlias):
        target = get_proper_type(node.target)
        return target.type if isinstance(target, Instance) else None
    proper = get_proper_type(node.type) if isinstance(node, Var) else None
    if isinstance(proper, FunctionLike) and proper.is_type_obj():
        return proper.type_object()
    return None


def _fullname(node: SymbolNode) -> str:
    if isinstance(node, OverloadedFuncDef):
        first = node.items[0]
        return (first.func if isinstance(first, Decorator) else first).fullname
    if isinstance(node, Decorator):
        return node.func.fullname
    return node.fullname


def _functions(node: SymbolNode) -> Iterator[FuncDef]:
    """The functions that a call may reach, each form of an overloaded one."""
    if isinstance(node, FuncDef):
        yield node
    elif isinstance(node, Decorator):
        yield node.func
    elif isinstance(node, OverloadedFuncDef):
        for item in node.items:
            yield from _functions(item)
    elif isinstance(node, TypeInfo):
        for name in ("__init__", "__new__"):
            symbol = node.get(name)
            if symbol is not None and symbol.node is not None:
                yield from _functions(symbol.node)
