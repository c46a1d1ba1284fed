"""What the values of scenarios stand for, with the types of the places where they are written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from nimnet_gen.model.surface import Callable, Const, EnumMember, ObjectField, Type
from nimnet_gen.naming.kinds import Kind
from nimnet_gen.naming.nimtypes import NimType


@dataclass(frozen=True)
class Plain:
    """A number, an answer, or nothing at all."""

    value: int | float | bool | None


@dataclass(frozen=True)
class Text:
    """A text, so many times."""

    content: str
    times: int = 1


@dataclass(frozen=True)
class Character:
    """One character: in Python a string of one, or with `is_data` a byte."""

    content: str
    is_data: bool


@dataclass(frozen=True)
class Data:
    """Bytes, so many times."""

    content: bytes
    times: int = 1


@dataclass(frozen=True)
class Memory:
    """Memory that a call reads or fills: of this size, or with this content."""

    content: Resolved


@dataclass(frozen=True)
class Converted:
    """A number as a value of a distinct type or an enum."""

    type: Type
    value: Resolved


@dataclass(frozen=True, eq=False)
class Member:
    """A member of an enum."""

    type: Type
    member: EnumMember


@dataclass(frozen=True, eq=False)
class Flags:
    """A set of members of an enum."""

    type: Type
    members: tuple[EnumMember, ...]


@dataclass(frozen=True)
class Items:
    """A tuple, or with `is_list` what an iterator yields."""

    items: tuple[Resolved, ...]
    is_list: bool = False


@dataclass(frozen=True)
class Several:
    """Any number of values of one type: in a list, or in a record's field, which nothing changes.

    Attributes:
        items: the values.
        element: their type.
        in_field: whether they are in a field of a record.
    """

    items: tuple[Resolved, ...]
    element: NimType
    in_field: bool = False


@dataclass(frozen=True)
class Optional:
    """A value of a type that may be none; or none."""

    value: Resolved | None
    element: NimType


def held(value: Resolved) -> Resolved:
    """Return a value as it is in the field of a record."""
    match value:
        case Several(items, element):
            return Several(tuple(map(held, items)), element, in_field=True)
        case Optional(inner, element) if inner is not None:
            return Optional(held(inner), element)
    return value


@dataclass(frozen=True, eq=False)
class Record:
    """A record, made of the values of its fields."""

    type: Type
    fields: tuple[tuple[ObjectField, Resolved], ...]


@dataclass(frozen=True)
class Parsed:
    """An object that a function of the specification makes of a text."""

    parser: Callable
    text: str


@dataclass(frozen=True)
class PythonObject:
    """The object of one of Python's own classes that a text stands for.

    Attributes:
        classes: the classes, with their modules; the first that accepts the text is meant.
        text: what it is made from.
    """

    classes: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Reference:
    """What a name stands for that a step has bound, the stage provides, or an operation takes."""

    name: str
    origin: Literal["subject", "stage", "bound", "argument"]
    type: str = ""
    """The name of its type, where it has one."""


@dataclass(frozen=True, eq=False)
class Constant:
    """A constant of the specification."""

    const: Const


@dataclass(frozen=True)
class SystemNumber:
    """A number that the system gives this name."""

    name: str


@dataclass(frozen=True)
class Regex:
    """A compiled regex of bytes."""

    pattern: str


@dataclass(frozen=True)
class Anything:
    """Whatever comes."""


@dataclass(frozen=True)
class Answering:
    """A callback that gives an answer, and refuses every argument but `takes`."""

    type: Type
    gives: Resolved
    takes: Resolved | None


@dataclass(frozen=True)
class Failing:
    """A callback that raises a `ValueError` with these words."""

    type: Type | None
    words: str


@dataclass(frozen=True)
class Count:
    """The length of an argument of an operation."""

    argument: str


Resolved = (
    Plain
    | Text
    | Character
    | Data
    | Memory
    | Converted
    | Member
    | Flags
    | Items
    | Several
    | Optional
    | Record
    | Parsed
    | PythonObject
    | Reference
    | Constant
    | SystemNumber
    | Regex
    | Anything
    | Answering
    | Failing
    | Count
)


@dataclass(frozen=True)
class Known:
    """A name in scope: the type of its value, and where it comes from."""

    kind: Kind
    origin: Literal["subject", "stage", "bound", "argument"]


Scope = Mapping[str, Known]
