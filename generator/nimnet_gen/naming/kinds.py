"""What is known of a value in a scenario: its type, and what its strings hold."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from nimnet_gen.model.surface import ObjectField, StringMeaning
from nimnet_gen.naming.nimtypes import (
    Named,
    NimSyntaxError,
    NimType,
    PythonType,
    TupleOf,
    parse_type,
)
from nimnet_gen.naming.python_types import Mappings, items_of


@dataclass(frozen=True)
class Kind:
    """The type of a value: Nim's, and what its strings hold."""

    node: NimType
    meaning: StringMeaning | None = None

    @property
    def name(self) -> str:
        """The type's name, or an empty text for one without a name."""
        return self.node.name if isinstance(self.node, Named) else ""

    def items(self, mappings: Mappings) -> tuple[Kind, ...]:
        """Return the kinds of a tuple's items; none for another type."""
        if not isinstance(self.node, TupleOf):
            return ()
        held = items_of(self.node, self.meaning, mappings)
        return tuple(Kind(item, meaning) for item, meaning in held)


def kind_of_field(part: ObjectField) -> Kind | None:
    """Return the kind of a field; None where its type is faulty."""
    try:
        return Kind(parse_type(part.type), part.as_)
    except NimSyntaxError:
        return None


TEXT = Kind(Named("string"), "text")
NUMBER = Kind(Named("int"))
DATA = Kind(Named("string"), "data")
_OF_PYTHON: Final = {
    "bool": Kind(Named("bool")),
    "bytes": DATA,
    "float": Kind(Named("float")),
    "int": NUMBER,
    "str": TEXT,
}


def of_python(node: NimType) -> Kind | None:
    """Return the kind that stands for one of Python's own types; None for any other."""
    return _OF_PYTHON.get(node.text) if isinstance(node, PythonType) else None


@lru_cache(maxsize=256)
def kind_of_word(word: str) -> Kind:
    """Return the kind that a word names: `text`, `data`, or a type of Nim without arguments."""
    match word:
        case "text":
            return TEXT
        case "data":
            return DATA
    return Kind(Named(word))
