"""From a type of the specification to one of Python: how it is written, and how it crosses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nimnet_gen.model.surface import StringMeaning, Type
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    Named,
    NimType,
    OptionOf,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.python_types import (
    BYTES_LIKE,
    Place,
    PythonAnnotation,
    annotation,
    is_data,
    items_of,
)
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.plan.api import PythonType, Wire

NOTHING: Final = PythonType("None")
_BYTES_LIKE_TEXT: Final = "bytes | bytearray | memoryview"


def python_type(
    node: NimType,
    meaning: StringMeaning | None,
    written: PythonAnnotation,
    symbols: Symbols,
    place: Place = "result",
) -> PythonType:
    """Return the Python type of a Nim type, whose annotation is known.

    Args:
        node: The parsed Nim type.
        meaning: What its strings hold.
        written: Its annotation at the place where it stands.
        symbols: What the names in it stand for.
        place: Where the parts of it come back to, if they are made anew.
    """
    items: tuple[PythonType, ...] = ()
    if isinstance(node, TupleOf):
        held = items_of(node, meaning, symbols.mappings)
        items = tuple(_inner(item, what, symbols, place) for item, what in held)
    imports = [f"{module}.{name}" if name else f"{module}." for module, name in written.imports]
    names = [name for name in written.names if name != BYTES_LIKE]
    element = _element(node, meaning, symbols, place)
    return PythonType(
        written.text.replace(BYTES_LIKE, _BYTES_LIKE_TEXT),
        (*names, *imports),
        () if _is_generic(node, written, symbols) else tuple(sorted(written.atoms)),
        _wire(node, symbols) if element is None else _wire_around(node, element, place),
        items,
        element,
    )


def result_type(node: NimType, meaning: StringMeaning | None, symbols: Symbols) -> PythonType:
    """Return the Python type of a result."""
    return _inner(node, meaning, symbols, "result")


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


def field_type(node: NimType, meaning: StringMeaning | None, symbols: Symbols) -> PythonType:
    """Return the Python type of a field of a record."""
    return _inner(node, meaning, symbols, "field")


def _element(
    node: NimType, meaning: StringMeaning | None, symbols: Symbols, place: Place
) -> PythonType | None:
    """Return the type inside of a list or an option; None for another type."""
    match node:
        case SeveralOf(_, inner) | ArrayOf(element=inner) if not is_data(node):
            pass
        case OptionOf(inner) | UnionOf((inner, Named("void"))):
            pass
        case _:
            return None
    return _inner(inner, meaning, symbols, place)


def _inner(
    node: NimType, meaning: StringMeaning | None, symbols: Symbols, place: Place
) -> PythonType:
    written = annotation(node, meaning, place, symbols.mappings)
    return python_type(node, meaning, written, symbols, place)


def _changes(python: PythonType) -> bool:
    return python.wire != "plain" or any(_changes(item) for item in python.items)


def _wire_around(node: NimType, element: PythonType, place: Place) -> Wire:
    if isinstance(node, OptionOf | UnionOf):
        return "maybe" if _changes(element) else "plain"
    # Whatever sequence the runtime has for the field of a record, it becomes a tuple.
    return "each" if _changes(element) or place == "field" else "plain"


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
                    return "wrapped" if entry.base == "string" else "number"
                case "tuple":
                    return "packed"
                case "object":
                    if entry.runtime is None:
                        return "packed"
                    return "held" if name in symbols.constructed else "core"
                case _:
                    return "plain"
        case _:
            return "plain"
