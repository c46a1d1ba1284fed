"""The types of what crosses to the runtime and back, which knows no class of the package."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from nimnet_gen.model.surface import StringMeaning, Type
from nimnet_gen.naming.kinds import kind_of_field
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    Named,
    NimType,
    OptionOf,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
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

_BYTES_LIKE: Final = "bytes | bytearray | memoryview"
_CHAR: Final = Named("char")


def crossing(
    node: NimType,
    meaning: StringMeaning | None,
    place: Place,
    symbols: Symbols,
    within: frozenset[str] = frozenset(),
) -> PythonAnnotation:
    """Return the annotation of what crosses for a value of a type.

    Its `names` are the paths of the runtime's classes that it names, as `module.Class`.

    Args:
        node: the type.
        meaning: what its strings hold.
        place: where the value stands.
        symbols: the types that there are.
        within: the records that it is in, by their names: one of these is no part of itself.
    """
    match node:
        case SetOf():
            return PythonAnnotation("int")
        case SeveralOf("varargs", element):
            return _several(crossing(element, meaning, place, symbols, within), place)
        case SeveralOf(_, element) | ArrayOf(element=element) if element != _CHAR and not is_data(
            node
        ):
            return _several(crossing(element, meaning, place, symbols, within), place)
        case OptionOf(element) | UnionOf((element, Named("void"))):
            return _joined("{} | None", [crossing(element, meaning, place, symbols, within)])
        case TupleOf():
            held = items_of(node, meaning, symbols.mappings)
            return _tuple(crossing(item, what, place, symbols, within) for item, what in held)
        case Named(name) if name in symbols.types and symbols.types[name].kind != "proc":
            return _defined(symbols.types[name], symbols, within)
    written = annotation(node, meaning, place, symbols.mappings)
    text = "Callable" if isinstance(node, Named) and node.name in symbols.types else written.text
    return PythonAnnotation(text.replace(BYTES_LIKE, _BYTES_LIKE), (), written.imports)


def record_crossing(
    record: Type, symbols: Symbols, within: frozenset[str] = frozenset()
) -> PythonAnnotation:
    """Return the annotation of the tuple that a record crosses as."""
    if record.name in within:
        return PythonAnnotation("object")  # the checks say that a record holds none of its type
    inside = within | {record.name}
    kinds = (kind for part in record.public_fields if (kind := kind_of_field(part)) is not None)
    return _tuple(crossing(kind.node, kind.meaning, "field", symbols, inside) for kind in kinds)


def _defined(defined: Type, symbols: Symbols, within: frozenset[str]) -> PythonAnnotation:
    if defined.kind == "distinct" and defined.base == "string":
        return PythonAnnotation("bytes" if defined.as_ == "data" else "str")
    if defined.is_record:
        return record_crossing(defined, symbols, within)
    if defined.kind == "object" and defined.runtime is not None:
        return PythonAnnotation(defined.runtime.rpartition(".")[2], (defined.runtime,))
    return PythonAnnotation("bytes" if defined.kind == "object" else "int")


def _several(element: PythonAnnotation, place: Place) -> PythonAnnotation:
    if place == "inout":
        return _joined("list[{}]", [element])
    sequence = _joined("Sequence[{}]", [element])
    imports = (("collections.abc", "Sequence"), *sequence.imports)
    return PythonAnnotation(sequence.text, sequence.names, imports)


def _tuple(parts: Iterable[PythonAnnotation]) -> PythonAnnotation:
    listed = list(parts)
    return _joined("tuple[{}]", listed)


def _joined(form: str, parts: list[PythonAnnotation]) -> PythonAnnotation:
    """Return a form around parts, with all that they name."""
    return PythonAnnotation(
        form.format(", ".join(part.text for part in parts)),
        tuple(dict.fromkeys(name for part in parts for name in part.names)),
        tuple(dict.fromkeys(imported for part in parts for imported in part.imports)),
    )
