"""The Python type of a Nim type, as an annotation.

Where a Nim type means different things at different places (`string`), the key `as` and the place
decide; what is left without an answer is a fault that the checker reports.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from nimnet_gen.model.mappings import TypesFile
from nimnet_gen.model.surface import StringMeaning
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    NimType,
    OptionOf,
    PythonType,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
)
from nimnet_gen.naming.special import SELF

Place = Literal["param", "result", "inout", "field"]

BYTES_LIKE: Final = "BytesLike"
"""The alias, defined by the generated package, of what a call accepts as data."""

_BYTES_LIKE_MEMBERS: Final = frozenset({"bytes", "bytearray", "memoryview"})

INTEGERS: Final[Mapping[str, tuple[int, int]]] = {
    "int": (-(2**63), 2**63 - 1),
    "int8": (-(2**7), 2**7 - 1),
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint": (0, 2**64 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
    "byte": (0, 2**8 - 1),
    "Natural": (0, 2**63 - 1),
    "Positive": (1, 2**63 - 1),
    "cint": (-(2**31), 2**31 - 1),
    "cuint": (0, 2**32 - 1),
}
"""Nim's integers, each with its least and greatest value (on a 64-bit system)."""

FLOATS: Final = frozenset({"float", "float32", "float64", "cfloat", "cdouble"})
"""Nim's numbers with a fraction."""

STRINGS: Final = frozenset({"string", "TaintedString", "cstring", "char"})
"""Nim's strings: a TaintedString arrived from outside, so is always data; a char is one byte."""

BYTES: Final = frozenset({"byte", "uint8"})
"""The integers of which several are data, as one string of bytes."""

_SIMPLE: Final[Mapping[str, str]] = {
    "bool": "bool",
    **dict.fromkeys(FLOATS, "float"),
    "pointer": "memoryview",
    "RootRef": "object",
    "void": "None",
}

BUILTIN_TYPES: Final = frozenset({*INTEGERS, *STRINGS, *_SIMPLE, "typed"})
"""Every type name of Nim's own that a specification may use without defining it."""

_CHAR: Final = Named("char")
_OF_TEXTS: Final = frozenset({"decimal", "fractions", "ipaddress", "uuid"})
"""The modules of Python whose classes are values that are made of a text."""

PYTHON_IMPORTS: Final[Mapping[str, str]] = {
    "Callable": "collections.abc",
    "Iterable": "collections.abc",
    "Iterator": "collections.abc",
    "Mapping": "collections.abc",
    "Self": "typing",
    "Sequence": "collections.abc",
    "TracebackType": "types",
}
"""What `py:` types may name without a module."""


@dataclass(frozen=True)
class Mappings:
    """What the types are in Python that a specification mentions without defining them.

    Attributes:
        integers: each integer with its least and greatest value, Nim's own included.
        data: the types that hold data and nothing else.
        classes: the class of Python that stands for a type, with its module.
        data_fields: the fields of tuples that hold data, whatever `as` says.
    """

    integers: Mapping[str, tuple[int, int]]
    data: frozenset[str] = frozenset()
    classes: Mapping[str, str] = field(default_factory=dict)
    data_fields: frozenset[str] = frozenset()

    @classmethod
    def of(cls, types: TypesFile) -> Mappings:
        """Return the types of Nim itself, and those that a project adds."""
        integers = {
            mapped.name: (mapped.range[0], mapped.range[1])
            for mapped in types.types
            if mapped.range is not None and len(mapped.range) == 2
        }
        return cls(
            {**INTEGERS, **integers},
            frozenset(mapped.name for mapped in types.types if mapped.is_ == "data"),
            {m.name: m.python for m in types.types if m.is_ == "class" and m.python is not None},
            frozenset(types.data_fields),
        )

    @property
    def names(self) -> frozenset[str]:
        """Every type that may be used without being defined."""
        return BUILTIN_TYPES.union(self.integers, self.data, self.classes)


@dataclass(frozen=True)
class PythonAnnotation:
    """An annotation: its text, and what must be known where it stands.

    `names` are types of the package itself; an import is a module and a name of it, or a module and
    an empty name where the text holds the module's name.
    """

    text: str
    names: tuple[str, ...] = ()
    imports: tuple[tuple[str, str], ...] = ()

    @property
    def atoms(self) -> frozenset[str]:
        """The members of the union that it is, aliases resolved."""
        members = set(self.text.split(" | ")) if "[" not in self.text else {self.text}
        return frozenset(members - {BYTES_LIKE}) | (
            _BYTES_LIKE_MEMBERS if BYTES_LIKE in members else frozenset()
        )


def annotation(
    node: NimType, meaning: StringMeaning | None, place: Place, mappings: Mappings
) -> PythonAnnotation:
    """Return the annotation of a Nim type.

    Args:
        node: the type.
        meaning: what its strings hold; without it they are taken for text.
        place: whether it is a parameter, a result, a parameter that is changed in place, or the
            field of a record, which nothing changes.
        mappings: what the types are that nothing defines.
    """
    match node:
        case Named(name):
            return _named(name, meaning, place, mappings)
        case SetOf(element):
            return annotation(element, meaning, place, mappings)
        case SeveralOf("varargs", element):
            return annotation(element, meaning, place, mappings)
        case ArrayOf(element=element) | SeveralOf(_, element):
            return _several(element, meaning, place, mappings)
        case OptionOf(element):
            return _union([annotation(element, meaning, place, mappings), PythonAnnotation("None")])
        case TupleOf():
            held = items_of(node, meaning, mappings)
            return _tuple([annotation(item, what, place, mappings) for item, what in held])
        case UnionOf(members):
            return _union([annotation(member, meaning, place, mappings) for member in members])
        case PythonType(text):
            return _python(text)
        case GenericOf(name):  # pragma: no branch - the last case
            return PythonAnnotation(name, (name,))


def items_of(
    node: TupleOf, meaning: StringMeaning | None, mappings: Mappings
) -> list[tuple[NimType, StringMeaning | None]]:
    """Return the types of a tuple's items, each with what its strings hold."""
    names = node.names or ("",) * len(node.items)
    return [
        (item, "data" if name in mappings.data_fields else meaning)
        for item, name in zip(node.items, names, strict=True)
    ]


def accepting_class(classes: Iterable[str], text: str) -> str | None:
    """Return the first of some classes of Python's that takes a text; None if none does.

    Only what is a value made of a text is asked. Any other class is taken to accept it: to call it
    might do anything, and its module might be one that not every system has.
    """
    for name in classes:
        module, _, bare = name.rpartition(".")
        if module not in _OF_TEXTS:
            return name
        with suppress(ValueError, ArithmeticError):
            if (made := getattr(importlib.import_module(module), bare, None)) is not None:
                made(text)
                return name
    return None


def _data(place: Place) -> PythonAnnotation:
    if place == "param":
        return PythonAnnotation(BYTES_LIKE, (BYTES_LIKE,))
    return PythonAnnotation("bytearray" if place == "inout" else "bytes")


def is_data(node: NimType) -> bool:
    """Tell whether several values of a type are one string of bytes."""
    match node:
        case ArrayOf(element=Named(name)) | SeveralOf("seq" | "openArray", Named(name)):
            return name in BYTES
    return False


def _several(
    element: NimType, meaning: StringMeaning | None, place: Place, mappings: Mappings
) -> PythonAnnotation:
    """Return the annotation of any number of values: data, a string, or what Python lists."""
    if isinstance(element, Named) and element.name in BYTES:
        return _data(place)
    if element == _CHAR:
        return annotation(Named("string"), meaning, place, mappings)
    item = annotation(element, meaning, place, mappings)
    match place:
        case "param":
            imports = (("collections.abc", "Sequence"), *item.imports)
            return PythonAnnotation(f"Sequence[{item.text}]", item.names, imports)
        case "field":
            return PythonAnnotation(f"tuple[{item.text}, ...]", item.names, item.imports)
        case "result" | "inout":  # pragma: no branch - the last case
            return PythonAnnotation(f"list[{item.text}]", item.names, item.imports)


def _named(
    name: str, meaning: StringMeaning | None, place: Place, mappings: Mappings
) -> PythonAnnotation:
    if name in mappings.integers:
        return PythonAnnotation("int")
    if name in STRINGS:
        is_data = meaning == "data" or name == "TaintedString"
        return _data(place) if is_data else PythonAnnotation("str")
    if name in mappings.data or name == "typed":
        return _data(place)
    if name in mappings.classes:
        return _python(mappings.classes[name])
    if name in _SIMPLE:
        return PythonAnnotation(_SIMPLE[name])
    return PythonAnnotation(name, (name,))


def _tuple(parts: list[PythonAnnotation]) -> PythonAnnotation:
    merged = _union(parts)
    return PythonAnnotation(
        f"tuple[{', '.join(part.text for part in parts)}]", merged.names, merged.imports
    )


def _union(parts: list[PythonAnnotation]) -> PythonAnnotation:
    return PythonAnnotation(
        " | ".join(dict.fromkeys(part.text for part in parts)),
        tuple(dict.fromkeys(name for part in parts for name in part.names)),
        tuple(dict.fromkeys(imported for part in parts for imported in part.imports)),
    )


def _python(text: str) -> PythonAnnotation:
    imports: dict[tuple[str, str], None] = {}
    text = re.sub(r"(?<![\w.])Self(?![\w.])", SELF, text)
    for name in re.findall(r"[\w.]+", text):
        if "." in name:
            imports[(name.rpartition(".")[0], "")] = None
        elif name in PYTHON_IMPORTS:
            imports[(PYTHON_IMPORTS[name], name)] = None
    return PythonAnnotation(text, imports=tuple(imports))
