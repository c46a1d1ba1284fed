"""From a type of the specification to one of Python: how it is written, and how it crosses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nimnet_gen.model.surface import StringMeaning, Type
from nimnet_gen.naming.nimtypes import Named, NimType, SetOf, TupleOf, parse_type
from nimnet_gen.naming.python_types import BYTES_LIKE, PythonAnnotation, annotation, items_of
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.plan.api import PythonType, Wire

NOTHING: Final = PythonType("None")
_BYTES_LIKE_TEXT: Final = "bytes | bytearray | memoryview"


def python_type(
    node: NimType, meaning: StringMeaning | None, written: PythonAnnotation, symbols: Symbols
) -> PythonType:
    """Return the Python type of a Nim type, whose annotation is known.

    Args:
        node: The parsed Nim type.
        meaning: What its strings hold.
        written: Its annotation at the place where it stands.
        symbols: What the names in it stand for.
    """
    items: tuple[PythonType, ...] = ()
    if isinstance(node, TupleOf):
        held = items_of(node, meaning, symbols.mappings)
        items = tuple(result_type(item, what, symbols) for item, what in held)
    imports = [f"{module}.{name}" if name else f"{module}." for module, name in written.imports]
    names = [name for name in written.names if name != BYTES_LIKE]
    return PythonType(
        written.text.replace(BYTES_LIKE, _BYTES_LIKE_TEXT),
        (*names, *imports),
        () if _is_generic(node, written, symbols) else tuple(sorted(written.atoms)),
        _wire(node, symbols),
        items,
    )


def result_type(node: NimType, meaning: StringMeaning | None, symbols: Symbols) -> PythonType:
    """Return the Python type of a result."""
    written = annotation(node, meaning, "result", symbols.mappings)
    return python_type(node, meaning, written, symbols)


def callback_type(entry: Type, symbols: Symbols) -> PythonType:
    """Return the type of the function that a `proc` type stands for."""
    params = [
        result_type(parse_type(param.type or "void"), param.as_, symbols) for param in entry.params
    ]
    result = NOTHING
    if entry.returns is not None:
        result = result_type(parse_type(entry.returns.type), entry.returns.as_, symbols)
    names = [symbol for part in (*params, result) for symbol in part.symbols]
    return PythonType(
        f"Callable[[{', '.join(part.annotation for part in params)}], {result.annotation}]",
        ("collections.abc.Callable", *names),
    )


def tuple_of(items: Iterable[PythonType]) -> PythonType:
    """Return the tuple of `items`; one item stands for itself, none for nothing."""
    parts = tuple(items)
    if not parts:
        return NOTHING
    if len(parts) == 1:
        return parts[0]
    return PythonType(
        f"tuple[{', '.join(part.annotation for part in parts)}]",
        tuple(dict.fromkeys(symbol for part in parts for symbol in part.symbols)),
        ("tuple",),
        items=parts,
    )


def _is_generic(node: NimType, written: PythonAnnotation, symbols: Symbols) -> bool:
    """Tell whether no class stands for the type: it has arguments, or is that of a function."""
    if isinstance(node, Named) and node.name in symbols.types:
        return symbols.types[node.name].kind == "proc"
    return "[" in written.text


def _wire(node: NimType, symbols: Symbols) -> Wire:
    match node:
        case SetOf():
            return "flags"
        case Named(name) if name in symbols.types:
            entry = symbols.types[name]
            match entry.kind:
                case "enum":
                    return "flags" if entry.set else "wrapped"
                case "distinct":
                    return "wrapped"
                case "object":
                    return "core" if entry.runtime else "packed"
                case _:
                    return "plain"
        case _:
            return "plain"
