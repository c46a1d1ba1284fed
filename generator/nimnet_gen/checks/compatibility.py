"""Which kinds of value can stand where which are wanted, in Python."""

from __future__ import annotations

from nimnet_gen.naming.kinds import Kind
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    OptionOf,
    PythonType,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
)
from nimnet_gen.naming.python_types import FLOATS, STRINGS, is_data
from nimnet_gen.naming.symbols import Symbols


def fits(kind: Kind, wanted: Kind, symbols: Symbols) -> bool:
    """Tell whether a value of one kind can stand where another is wanted."""
    if is_open(kind) or is_open(wanted):
        return True
    if isinstance(wanted.node, UnionOf):
        members = (Kind(member, wanted.meaning) for member in wanted.node.members)
        return any(fits(kind, member, symbols) for member in members)
    if isinstance(kind.node, UnionOf):
        members = (Kind(member, kind.meaning) for member in kind.node.members)
        return any(fits(member, wanted, symbols) for member in members)
    if isinstance(kind.node, TupleOf) and isinstance(wanted.node, TupleOf):
        return len(kind.node.items) == len(wanted.node.items)
    if isinstance(wanted.node, OptionOf):
        inner = Kind(wanted.node.element, wanted.meaning)
        given = kind.node.element if isinstance(kind.node, OptionOf) else kind.node
        return fits(Kind(given, kind.meaning), inner, symbols)
    if _is_list(kind) and _is_list(wanted):
        return fits(_element(kind), _element(wanted), symbols)
    have, want = _category(kind, symbols), _category(wanted, symbols)
    if wanted.name == "pointer":
        return have in ("data", "integer")
    # A number is converted where a distinct type or an enum is wanted.
    return (
        have == want
        or (want == "integer" and _is_integer_subclass(kind, symbols))
        or (have == "integer" and _is_integer_subclass(wanted, symbols))
    )


def is_open(kind: Kind) -> bool:
    """Tell whether a type says nothing that a scenario's value could be held against."""
    return isinstance(kind.node, PythonType | GenericOf) or kind.name == "RootRef"


def _is_list(kind: Kind) -> bool:
    return isinstance(kind.node, ArrayOf | SeveralOf) and not is_data(kind.node)


def _element(kind: Kind) -> Kind:
    assert isinstance(kind.node, ArrayOf | SeveralOf), "a list has elements"
    return Kind(kind.node.element, kind.meaning)


def _is_integer_subclass(kind: Kind, symbols: Symbols) -> bool:
    defined = symbols.types.get(kind.name)
    return defined is not None and (
        (defined.kind == "distinct" and defined.base != "string")
        or (defined.kind == "enum" and not defined.set)
    )


def _category(kind: Kind, symbols: Symbols) -> str:
    """Return a word that is the same for types between which Python makes no difference."""
    node = kind.node
    if isinstance(node, SetOf):
        node = node.element
    if isinstance(node, ArrayOf | SeveralOf):
        return "data" if is_data(node) else "list"
    if isinstance(node, OptionOf):
        return "option"
    if not isinstance(node, Named):
        return "tuple"
    if node.name in symbols.mappings.integers:
        return "integer"
    if node.name in FLOATS:
        return "float"
    if node.name in STRINGS - {"TaintedString"} and kind.meaning == "text":
        return "text"
    if node.name in symbols.mappings.data or node.name in (*STRINGS, "typed", "pointer"):
        return "data"
    return f"type {node.name}"
