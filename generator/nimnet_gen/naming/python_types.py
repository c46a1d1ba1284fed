"""The Python type of a Nim type, as an annotation.

Where a Nim type means different things at different places (`string`), the key `as` and the place
decide; what is left without an answer is a fault that the checker reports.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from nimnet_gen.model.surface import StringMeaning
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    NimType,
    PythonType,
    SetOf,
    TupleOf,
    UnionOf,
)

Place = Literal["param", "result", "inout"]

BYTES_LIKE: Final = "BytesLike"
"""The alias, defined by the generated package, of what a call accepts as data."""

_BYTES_LIKE_MEMBERS: Final = frozenset({"bytes", "bytearray", "memoryview"})

INTEGERS: Final[Mapping[str, tuple[int, int]]] = {
    "int": (-(2**63), 2**63 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "cint": (-(2**31), 2**31 - 1),
    "cuint": (0, 2**32 - 1),
    "uint8": (0, 2**8 - 1),
    "uint16": (0, 2**16 - 1),
    "SockLen": (0, 2**32 - 1),
}
"""Nim's integers, each with its least and greatest value (on a 64-bit system)."""

STRINGS: Final = frozenset({"string", "TaintedString"})
"""Nim's strings; a TaintedString is what arrived from outside, so always data."""

SOCKET_ADDRESSES: Final = frozenset({"Sockaddr_storage", "SockAddr", "Sockaddr_in", "Sockaddr_in6"})

_SIMPLE: Final[Mapping[str, str]] = {
    "bool": "bool",
    "pointer": "memoryview",
    "RootRef": "object",
    "void": "None",
}

BUILTIN_TYPES: Final = frozenset(
    {*INTEGERS, *STRINGS, *SOCKET_ADDRESSES, *_SIMPLE, "typed", "SslCtx"}
)
"""Every type name that the specification may use without defining it."""

_DATA_FIELDS: Final = frozenset({"psk"})
"""Tuple fields that hold data whatever `as` says: a pre-shared key is never text."""

_PYTHON_IMPORTS: Final[Mapping[str, str]] = {
    "Callable": "collections.abc",
    "Iterable": "collections.abc",
    "Iterator": "collections.abc",
    "Self": "typing",
    "TracebackType": "types",
}
"""What `py:` types may name without a module."""


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


def annotation(node: NimType, meaning: StringMeaning | None, place: Place) -> PythonAnnotation:
    """Return the annotation of a Nim type.

    Args:
        node: the type.
        meaning: what its strings hold; without it they are taken for text.
        place: whether it is a parameter, a result, or a parameter that is changed in place.
    """
    match node:
        case Named(name):
            return _named(name, meaning, place)
        case SetOf(element):
            return annotation(element, meaning, place)
        case ArrayOf():
            return _data(place)
        case TupleOf():
            return _tuple([annotation(item, held, place) for item, held in items_of(node, meaning)])
        case UnionOf(members):
            return _union([annotation(member, meaning, place) for member in members])
        case PythonType(text):
            return _python(text)
        case GenericOf(name):  # pragma: no branch - the last case
            return PythonAnnotation(name, (name,))


def items_of(
    node: TupleOf, meaning: StringMeaning | None
) -> list[tuple[NimType, StringMeaning | None]]:
    """Return the types of a tuple's items, each with what its strings hold.

    A pre-shared key is data, whatever `as` says of the strings beside it.
    """
    names = node.names or ("",) * len(node.items)
    return [
        (item, "data" if name in _DATA_FIELDS else meaning)
        for item, name in zip(node.items, names, strict=True)
    ]


def unknown_python_names(text: str) -> list[str]:
    """Return the names of a `py:` type that are neither builtins, in the table, nor dotted."""
    return [
        name
        for name in re.findall(r"[\w.]+", text)
        if "." not in name and name not in _PYTHON_IMPORTS and not hasattr(builtins, name)
    ]


def _data(place: Place) -> PythonAnnotation:
    if place == "param":
        return PythonAnnotation(BYTES_LIKE, (BYTES_LIKE,))
    return PythonAnnotation("bytes" if place == "result" else "bytearray")


def _named(name: str, meaning: StringMeaning | None, place: Place) -> PythonAnnotation:
    if name in INTEGERS:
        return PythonAnnotation("int")
    if name in STRINGS:
        is_data = meaning == "data" or name == "TaintedString"
        return _data(place) if is_data else PythonAnnotation("str")
    if name in SOCKET_ADDRESSES or name == "typed":
        return _data(place)
    if name == "SslCtx":
        return PythonAnnotation("OpenSSL.SSL.Context", imports=(("OpenSSL.SSL", ""),))
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
    for name in re.findall(r"[\w.]+", text):
        if "." in name:
            imports[(name.rpartition(".")[0], "")] = None
        elif name in _PYTHON_IMPORTS:
            imports[(_PYTHON_IMPORTS[name], name)] = None
    return PythonAnnotation(text, imports=tuple(imports))
