"""The text of a Python type, looked at as a type checker would: what is wrong with it, if anything.

Only what the standard library has is looked up; what another package has is left to type checkers.
"""

from __future__ import annotations

import ast
import builtins
import importlib
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from typing import Final

_ARGUMENTS: Final[Mapping[str, int]] = {
    "list": 1,
    "set": 1,
    "frozenset": 1,
    "type": 1,
    "dict": 2,
    "Callable": 2,
    "Iterable": 1,
    "Iterator": 1,
    "Mapping": 2,
    "Sequence": 1,
}
"""How many types stand in the brackets of what needs some."""

UNKNOWN: Final = "is no type that is known"
"""What is wrong with most."""

Wrong = tuple[str, str]
"""A name or a part of the text, and what is wrong with it."""


def wrong_parts(text: str, known: Collection[str]) -> Iterator[Wrong]:
    """Yield what is wrong with a type.

    Args:
        text: The type, without `py:`.
        known: The names that stand for a class besides the builtins.
    """
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        yield text, "is no type"
        return
    yield from _wrong(tree, known, bracketed=False)


def _wrong(node: ast.expr, known: Collection[str], *, bracketed: bool) -> Iterator[Wrong]:
    match node:
        case ast.Constant(value=None):
            return
        case ast.Name(id=name):
            found = getattr(builtins, name, None)
            if name not in known and not isinstance(found, type):
                yield name, UNKNOWN
            elif name in _ARGUMENTS and not bracketed:
                yield name, "needs types in brackets"
        case ast.Attribute():
            if not bracketed and (why := _missing(ast.unparse(node))):
                yield ast.unparse(node), why
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            yield from _wrong(left, known, bracketed=False)
            yield from _wrong(right, known, bracketed=False)
        case ast.Subscript(value=outer, slice=inner):
            yield from _subscript(outer, inner, known)
        case _:
            yield ast.unparse(node), "is no type"


def _subscript(outer: ast.expr, inner: ast.expr, known: Collection[str]) -> Iterator[Wrong]:
    items = inner.elts if isinstance(inner, ast.Tuple) else [inner]
    name = ast.unparse(outer)
    yield from _wrong(outer, known, bracketed=True)
    if isinstance(outer, ast.Name):
        wanted = _ARGUMENTS.get(name)
        if wanted is None and name != "tuple":
            yield name, "takes no types in brackets"
        elif wanted is not None and len(items) != wanted:
            yield name, f"takes {wanted} in brackets, not {len(items)}"
    for index, item in enumerate(items):
        if isinstance(item, ast.Constant) and item.value is ...:
            if not ((name == "tuple" and index == 1 == len(items) - 1) or name == "Callable"):
                yield "...", "has no place there"
        elif isinstance(item, ast.List) and name == "Callable" and not index:
            for param in item.elts:
                yield from _wrong(param, known, bracketed=False)
        else:
            if name == "Callable" and not index:
                yield ast.unparse(item), "is no list of parameters"
            yield from _wrong(item, known, bracketed=False)


def _missing(dotted: str) -> str:
    """Return what is wrong with a dotted name; nothing if it is a class, or another package's."""
    module, _, name = dotted.rpartition(".")
    if module.partition(".")[0] not in sys.stdlib_module_names:
        return ""
    found: object = None
    with suppress(ImportError, ValueError):
        found = getattr(importlib.import_module(module), name, None)
    return "" if isinstance(found, type) else "is no class of Python's library"
