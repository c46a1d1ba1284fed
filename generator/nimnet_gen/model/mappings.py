"""`types.yaml`: what a project knows of types and names that its specification only mentions.

Nim's own numbers and strings are general knowledge, and in `naming`. What is here belongs to one
project: the types of other Nim modules that no file of the specification defines, the names that
the system has for numbers, and what every contract of this project must hold.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from nimnet_gen.model.declaration import Located, described

MappedTo = Literal["data", "integer", "class"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class TypeMapping(Located):
    """A type of another Nim module, and what stands for it in Python."""

    name: str = field(metadata=described("Nim's name."))
    is_: MappedTo = field(
        metadata=described(
            "What it is in Python: `data` is bytes, `integer` an int, `class` one of its classes."
        )
    )
    range: tuple[int, ...] | None = field(
        default=None, metadata=described("integer: [lowest, highest] value.")
    )
    python: str | None = field(
        default=None,
        metadata=described("class: the class with its module, as `module.Class`."),
    )
    doc: str = field(default="", metadata=described("What it is, in our own words."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class ContractRule(Located):
    """What the contract of every callable with such a parameter must hold."""

    param: str = field(metadata=described("Nim's name of the parameter."))
    raises: str = field(metadata=described("The exception that the contract must then have."))
    unless: str | None = field(
        default=None,
        metadata=described(
            "The value of the parameter with which that is not raised, or a range of such numbers "
            "(`0 .. 9`, `0 ..`), as Nim writes it, in quotes."
        ),
    )
    imposed_by: str | None = field(
        default=None,
        metadata=described(
            "The callable whose `with` block makes every call raise it that has it in its contract."
        ),
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class SystemNames(Located):
    """Names that the system has for numbers, and the module of Python that has them."""

    module: str = field(metadata=described("The module of Python's standard library."))
    names: tuple[str, ...] = field(metadata=described("The names that scenarios use."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class TypesFile(Located):
    """`types.yaml`: what the specification mentions without defining it."""

    types: tuple[TypeMapping, ...] = field(
        default=(), metadata=described("The types of other Nim modules, and what they become.")
    )
    data_fields: tuple[str, ...] = field(
        default=(),
        metadata=described("Fields of tuples that hold data, whatever `as` says beside them."),
    )
    rules: tuple[ContractRule, ...] = field(
        default=(), metadata=described("What contracts must hold.")
    )
    system: tuple[SystemNames, ...] = field(
        default=(), metadata=described("The system's names for numbers, module by module.")
    )
