"""`documented.yaml`: the facts of the documentation that a specification transcribes.

They are what `checks` holds the transcription against: names, parameters, types, defaults, pragmas
and their order, in the documentation's own spelling, and none of its prose. They are taken from it
once, and nobody edits them: `checksum` is that of all other lines, so that an edit shows as one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from nimnet_gen.model.declaration import Located, Scalar, described, shorthand

DocumentedKind = Literal["enum", "object", "tuple", "distinct", "proc", "alias"]
Routine = Literal["proc", "func", "method", "iterator", "converter", "macro", "template"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedParam(Located):
    """A parameter."""

    name: str = field(metadata=described("Its name."))
    type: str | None = field(
        default=None, metadata=described("Its type, with `var`; absent where none is stated.")
    )
    default: str | None = field(default=None, metadata=described("Its default."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedRoutine(Located):
    """A proc, or what else can be called."""

    name: str = field(metadata=described("Its name; that of an operator without backticks."))
    kind: Routine = field(default="proc", metadata=described("What it is declared as."))
    params: tuple[DocumentedParam, ...] = field(
        default=(), metadata=described("The parameters, each with its own type.")
    )
    returns: str | None = field(default=None, metadata=described("The type of the result."))
    raises: tuple[str, ...] | None = field(
        default=None, metadata=described("Its `raises`; absent where there is no such pragma.")
    )
    tags: tuple[str, ...] | None = field(
        default=None, metadata=described("Its `tags`; absent where there is no such pragma.")
    )
    pragmas: tuple[str, ...] = field(default=(), metadata=described("Its other pragmas."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedMember(Located):
    """A member of an enum: its name alone, or with its ordinal."""

    name: str = field(metadata=shorthand("Its name."))
    value: int | None = field(default=None, metadata=described("Its ordinal, where stated."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedField(Located):
    """A field of an object."""

    name: str = field(metadata=described("Its name."))
    type: str = field(metadata=described("Its type."))
    public: bool = field(default=False, metadata=described("Exported (`*`)."))
    case: bool = field(default=False, metadata=described("The discriminator of a variant object."))
    of: str | None = field(
        default=None, metadata=described("The discriminator's value under which it exists.")
    )
    when: str | None = field(
        default=None, metadata=described("The compile-time condition around it.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedType(Located):
    """A type."""

    name: str = field(metadata=described("Its name."))
    kind: DocumentedKind = field(metadata=described("What it is declared as."))
    ref: str | None = field(
        default=None,
        metadata=described("object: `object` for `ref object`, or the type it refers to."),
    )
    base: str | None = field(
        default=None, metadata=described("object, distinct, alias: the type it is made of.")
    )
    pure: bool = field(default=False, metadata=described("enum: `{.pure.}`."))
    members: tuple[DocumentedMember, ...] = field(
        default=(), metadata=described("enum: the members, in order.")
    )
    fields: tuple[DocumentedField, ...] = field(
        default=(), metadata=described("object, tuple: the fields, in order.")
    )
    params: tuple[DocumentedParam, ...] = field(
        default=(), metadata=described("proc: the parameters.")
    )
    returns: str | None = field(default=None, metadata=described("proc: the type of the result."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedConst(Located):
    """A constant."""

    name: str = field(metadata=described("Its name."))
    type: str | None = field(default=None, metadata=described("Its type, where stated."))
    value: Scalar = field(default=None, metadata=described("Its value."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class DocumentedExport(Located):
    """A name that the documentation lists as exported from another module."""

    name: str = field(metadata=shorthand("Its name."))
    count: int = field(default=1, metadata=described("How often it is listed."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class FactsFile(Located):
    """`documented.yaml`: what the documentation states, in its order."""

    source: str = field(metadata=described("Which documentation of which version this is."))
    checksum: str = field(
        metadata=described("The SHA-256 of the file's other lines, in hexadecimal digits.")
    )
    types: tuple[DocumentedType, ...] = field(default=(), metadata=described("Its types."))
    consts: tuple[DocumentedConst, ...] = field(default=(), metadata=described("Its constants."))
    procs: tuple[DocumentedRoutine, ...] = field(
        default=(), metadata=described("Its procs, templates and the like.")
    )
    exports: tuple[DocumentedExport, ...] = field(
        default=(), metadata=described("What it exports from other modules.")
    )


def checksum(lines: Sequence[str], own: int) -> str:
    """Return the checksum of a file's lines.

    Args:
        lines: The lines, without their ends.
        own: The number of the line that holds the checksum itself, counted from one.
    """
    others = [line for number, line in enumerate(lines, start=1) if number != own]
    return hashlib.sha256("\n".join(others).encode()).hexdigest()
