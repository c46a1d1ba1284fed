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


@dataclass(frozen=True)
class AssignmentView:
    """A documented assignment."""

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
class DistinctView:
    """A subclass of `int`."""

    kind: str
    name: str
    docstring: str
    low: int | None
    high: int | None


@dataclass(frozen=True)
class BranchView:
    """One variant of a value class."""

    tag: str
    field: str
    length: int
    docstring: str


@dataclass(frozen=True)
class ValueClassView:
    """An immutable value class over packed bytes."""

    kind: str
    name: str
    docstring: str
    discriminator: str
    tag_type: str
    tag_docstring: str
    constructor: str
    branches: tuple[BranchView, ...]
    equality_docstring: str
    equality_other: str
    has_text: bool
    methods: tuple[FunctionView, ...]


@dataclass(frozen=True)
class HandleClassView:
    """A class over an object of the runtime."""

    kind: str
    name: str
    docstring: str
    core: str
    methods: tuple[FunctionView, ...]


@dataclass(frozen=True)
class AliasView:
    """A name for the type of a function."""

    kind: str
    name: str
    text: str
    docstring: str


TypeView = EnumView | DistinctView | ValueClassView | HandleClassView | AliasView


@dataclass(frozen=True)
class ModuleView:
    """One generated module."""

    docstring: str
    imports: str
    exports: str
    hoisted: tuple[AssignmentView, ...]
    types: tuple[TypeView, ...]
    constants: tuple[AssignmentView, ...]
    functions: tuple[FunctionView, ...]


@dataclass(frozen=True)
class PackageView:
    """The package's `__init__`."""

    docstring: str
    imports: str
    exports: str
