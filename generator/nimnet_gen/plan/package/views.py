"""The views of the package's files: what their templates see. Every text is laid out."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class FunctionView:
    """One `def`, with what stands before and inside it; every text carries its margin."""

    decorators: tuple[str, ...]
    definition: str
    docstring: str
    body: str
    touches: bool = False
    """It follows the previous one without a blank line, as overloads do."""
    kind: str = "function"


@dataclass(frozen=True)
class AssignmentView:
    """A documented assignment."""

    kind: str
    text: str
    docstring: str


@dataclass(frozen=True)
class HomeView:
    """The statement that says where a class of the runtime's is for users."""

    kind: str
    text: str
    docstring: str = ""


@dataclass(frozen=True)
class HoistedView:
    """A private constant for a default that a call makes."""

    kind: str
    text: str
    docstring: str = ""


@dataclass(frozen=True)
class MemberView:
    """A member of an enum."""

    name: str
    value: str
    docstring: str


@dataclass(frozen=True)
class EnumView:
    """An enum, and its members as names of the module."""

    kind: str
    name: str
    base: str
    docstring: str
    members: tuple[MemberView, ...]
    exported: tuple[str, ...]


@dataclass(frozen=True)
class ClassView:
    """A class with methods: a distinct type, a value, or what holds an object of the runtime."""

    kind: str
    name: str
    bases: str
    """The base classes in their brackets; empty for none."""
    docstring: str
    slots: str
    methods: tuple[FunctionView, ...]
    attribute: str = ""
    """The type of what is in a slot and no method assigns."""


@dataclass(frozen=True)
class FieldView:
    """A field of a record, in one line."""

    text: str
    docstring: str
    begins_named: bool
    """It is the first that must be given by its name."""


@dataclass(frozen=True)
class RecordView:
    """An immutable record: a named tuple, or a frozen dataclass."""

    kind: str
    name: str
    is_tuple: bool
    docstring: str
    fields: tuple[FieldView, ...]
    methods: tuple[FunctionView, ...]


@dataclass(frozen=True)
class AliasView:
    """A name for the type of a function."""

    kind: str
    name: str
    text: str
    docstring: str


TypeView = EnumView | ClassView | RecordView | AliasView
PartView = HomeView | HoistedView | TypeView | AssignmentView | FunctionView


@dataclass(frozen=True)
class ModuleView:
    """One generated module."""

    docstring: str
    imports: str
    exports: str
    parts: tuple[tuple[int, PartView], ...]
    """What it defines, in order, each with the blank lines before it."""


@dataclass(frozen=True)
class PackageView:
    """The package's `__init__`."""

    docstring: str
    imports: str
    exports: str


@dataclass(frozen=True)
class ArgumentsView:
    """The module that says what is wrong with an argument."""

    advice: str
    """What else to say of a parameter, by its name: a mapping."""
    numbers: str
    """The enum that an integer parameter takes as well, by its name: a mapping."""
    package: str


@dataclass(frozen=True)
class CallsView:
    """A class that answers the commonest calls of another one, where it is compiled."""

    name: str
    above: str
    """The class whose calls they are."""
    core: str
    methods: tuple[str, ...]


@dataclass(frozen=True)
class QuickView:
    """The module with the classes that are compiled."""

    imports: str
    classes: tuple[CallsView, ...]


@dataclass(frozen=True)
class TableView:
    """A table of the contract file: its name, in quotes, and its lines."""

    name: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class EffectsView:
    """The contract file, and the module that reads it."""

    package: str
    data: str
    """The name of the contract file."""
    tables: tuple[TableView, ...]
