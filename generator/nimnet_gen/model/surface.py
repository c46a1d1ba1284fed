"""The specification as frozen objects: what `load` produces and every later stage reads.

Here is the public surface: modules, types, constants and callables. What is stated of them, and the
scenarios that check it, are in `evidence`; how both are declared, in `declaration`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from nimnet_gen.model.declaration import Dated, Located, Marked, Scalar, described, shorthand
from nimnet_gen.model.evidence import Operation, Statement
from nimnet_gen.model.facts import FactsFile
from nimnet_gen.model.mappings import TypesFile
from nimnet_gen.model.oracle import OracleFile
from nimnet_gen.model.stage import Stage

SINCE: Final = (
    "The version of the original that has it first, where the documentation does not: its name, "
    "which is the package's `original`, and a version."
)
"""What an entry's `since` says; it stands in the place of `extension`."""

Mode = Literal["in", "out", "inout"]
StringMeaning = Literal["text", "data"]
CallableKind = Literal["proc", "template", "iterator", "property", "constructor"]
TypeKind = Literal["enum", "object", "tuple", "distinct", "exception", "proc"]


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Param(Located, Marked):
    """One parameter, as the documentation states it."""

    name: str = field(metadata=described("Nim's name of the parameter."))
    type: str | None = field(
        default=None,
        metadata=described(
            "Nim's type, only where the documentation states one; else `default` implies it."
        ),
    )
    default: str | None = field(
        default=None, metadata=described("Nim's text of the default, as documented, in quotes.")
    )
    mode: Mode = field(
        default="in",
        metadata=described(
            "What a `var` parameter is for: `out` becomes a result, `inout` is changed in place."
        ),
    )
    as_: StringMeaning | None = field(
        default=None,
        metadata=described(
            "What a `string` holds: `text` (a name, path or address) is `str`, `data` is `bytes`."
        ),
    )
    doc: str = field(default="", metadata=described("What to pass, with its unit and range."))
    extension: bool = field(
        default=False,
        metadata=described(
            "The documentation lacks this parameter. In Python it is keyword-only, and last."
        ),
    )
    since: str | None = field(default=None, metadata=described(SINCE))
    python: str | None = field(
        default=None, metadata=described("The Python name, where the naming rule does not give it.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Result(Located, Dated):
    """What a callable returns: a type alone, or a mapping with its meaning."""

    type: str = field(metadata=shorthand("Nim's type; `void` for none."))
    as_: StringMeaning | None = field(
        default=None,
        metadata=described("What a `string` holds: `text` is `str`, `data` is `bytes`."),
    )
    doc: str = field(default="", metadata=described("What the result means, with its unit."))
    since: str | None = field(default=None, metadata=described(SINCE))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Amendment(Located):
    """Where the documentation is wrong or too wide: exactly one replacement, and its reason."""

    raises: tuple[str, ...] | None = field(
        default=None, metadata=described("The whole contract, in place of the documented `raises`.")
    )
    returns: Result | None = field(
        default=None,
        metadata=described("The result, in place of the documented one; `void` for none."),
    )
    param: Param | None = field(
        default=None,
        metadata=described(
            "A documented parameter restated: its name, and the type or default that replaces."
        ),
    )
    value: Scalar = field(
        default=None, metadata=described("The value of a const, in place of the documented one.")
    )
    why: str = field(metadata=described("Why the package departs from the documentation here."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Callable(Located, Marked):
    """A proc, a template, an iterator, or a property or a constructor of the package's own.

    Overloads are separate entries.
    """

    name: str = field(
        metadata=described("Nim's name; a setter ends in `=`. An extension's name is Python's.")
    )
    kind: CallableKind = field(default="proc", metadata=described("What it is."))
    from_: str | None = field(
        default=None,
        metadata=described("The Nim module that defines it, when it is not the documented one."),
    )
    params: tuple[Param, ...] = field(
        default=(), metadata=described("The parameters, in documented order.")
    )
    returns: Result | None = field(
        default=None, metadata=described("The documented result; absent for none.")
    )
    raises: tuple[str, ...] | None = field(
        default=None,
        metadata=described(
            "The documented `raises`; [] raises nothing; absent where there is no pragma."
        ),
    )
    tags: tuple[str, ...] | None = field(
        default=None, metadata=described("The documented `tags`; absent where there is no pragma.")
    )
    pragmas: tuple[str, ...] = field(
        default=(), metadata=described("The other documented pragmas.")
    )
    doc: str = field(
        metadata=described("What it does, in our own words; the first sentence is the summary.")
    )
    errors: Mapping[str, str] = field(
        default_factory=dict,
        metadata=described(
            "For each exception of the contract, when it is raised (amendments included)."
        ),
    )
    see: tuple[str, ...] = field(
        default=(),
        metadata=described("What it follows besides Nim: an RFC section, a manual page."),
    )
    python: str | None = field(
        default=None, metadata=described("The Python name, where the naming rule does not give it.")
    )
    runtime: str | None = field(
        default=None,
        metadata=described(
            "The runtime function with its body, where it is not named as in Python."
        ),
    )
    first: bool = field(
        default=False,
        metadata=described("Of several overloads people use this one most: they see it first."),
    )
    often: bool = field(
        default=False,
        metadata=described(
            "Programs call this method for every piece of data: where the package is compiled, its"
            " commonest calls are answered there."
        ),
    )
    amend: tuple[Amendment, ...] = field(
        default=(), metadata=described("Departures from the documentation.")
    )
    statements: tuple[Statement, ...] = field(default=(), metadata=described("What it promises."))
    extension: bool = field(
        default=False, metadata=described("The documentation does not have it.")
    )
    since: str | None = field(default=None, metadata=described(SINCE))
    omit: str | None = field(
        default=None, metadata=described("Why it is transcribed but not generated.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class EnumMember(Located, Marked):
    """A member of an enum: its name alone, or a mapping."""

    name: str = field(metadata=shorthand("Nim's name."))
    value: int | None = field(
        default=None, metadata=described("The documented ordinal, where stated.")
    )
    platform: str | None = field(
        default=None, metadata=described("The system constant that gives the value in Python.")
    )
    python: str | None = field(
        default=None, metadata=described("The Python name, where the naming rule does not give it.")
    )
    doc: str = field(default="", metadata=described("What it stands for."))
    extension: bool = field(
        default=False, metadata=described("The documentation does not have it.")
    )
    since: str | None = field(default=None, metadata=described(SINCE))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class ObjectField(Located, Marked):
    """A field of an object."""

    name: str = field(metadata=described("Nim's name."))
    type: str = field(metadata=described("Nim's type."))
    as_: StringMeaning | None = field(
        default=None,
        metadata=described("What a `string` holds: `text` is `str`, `data` is `bytes`."),
    )
    default: str | None = field(
        default=None,
        metadata=described("Nim's text of the default of a record's field, as documented."),
    )
    public: bool = field(
        default=False, metadata=described("Exported in Nim (`*`); those of a tuple always are.")
    )
    case: bool = field(default=False, metadata=described("The discriminator of a variant object."))
    of: str | None = field(
        default=None, metadata=described("The discriminator's value under which it exists.")
    )
    when: str | None = field(
        default=None, metadata=described("The compile-time condition around it.")
    )
    doc: str = field(default="", metadata=described("What it holds."))
    extension: bool = field(
        default=False, metadata=described("The documentation does not have it.")
    )
    since: str | None = field(default=None, metadata=described(SINCE))
    errors: Mapping[str, str] = field(
        default_factory=dict,
        metadata=described("For each exception that reading a handle's public field raises, when."),
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Type(Located, Marked):
    """A documented type, or one of another Nim module that the API needs (`from`)."""

    name: str = field(metadata=described("Nim's name; Python keeps it."))
    kind: TypeKind = field(metadata=described("What it is."))
    from_: str | None = field(
        default=None,
        metadata=described("The Nim module that defines it, when it is not the documented one."),
    )
    doc: str = field(metadata=described("What it is, in our own words."))
    pure: bool = field(
        default=False, metadata=described("enum: members need the type's name before them.")
    )
    set: bool = field(
        default=False, metadata=described("enum: used as `set[...]`; an `enum.Flag` in Python.")
    )
    members: tuple[EnumMember, ...] = field(
        default=(), metadata=described("enum: the members, in order.")
    )
    numbers: tuple[str, ...] = field(
        default=(),
        metadata=described(
            "enum: the integer parameters, by Nim's name, that take its members as well. Every "
            "other one refuses them: their numbers would mean something else there."
        ),
    )
    fields: tuple[ObjectField, ...] = field(
        default=(), metadata=described("object, tuple, exception: the fields, in order.")
    )
    ref: str | None = field(
        default=None,
        metadata=described("object: `object` for `ref object`, or the type it refers to."),
    )
    base: str | None = field(
        default=None,
        metadata=described("distinct, exception: the Nim type it is made of or derives from."),
    )
    as_: StringMeaning | None = field(
        default=None,
        metadata=described("distinct: what it holds, made of a `string`: `text` or `data`."),
    )
    python_bases: tuple[str, ...] = field(
        default=(),
        metadata=described(
            "exception: the Python base classes, where they are neither `Exception` nor a `base` "
            "that is defined here."
        ),
    )
    range: tuple[int, ...] | None = field(
        default=None, metadata=described("distinct: [lowest, highest] value.")
    )
    params: tuple[Param, ...] = field(default=(), metadata=described("proc: the parameters."))
    returns: Result | None = field(default=None, metadata=described("proc: the result."))
    runtime: str | None = field(
        default=None,
        metadata=described(
            "object, exception: the runtime class behind it, as `module.Class`; enum: the one that "
            "has the numbers of its members."
        ),
    )
    statements: tuple[Statement, ...] = field(default=(), metadata=described("What it promises."))
    extension: bool = field(
        default=False, metadata=described("The documentation does not have it.")
    )
    since: str | None = field(default=None, metadata=described(SINCE))
    omit: str | None = field(
        default=None, metadata=described("Why it is transcribed but not generated.")
    )

    @property
    def public_fields(self) -> tuple[ObjectField, ...]:
        """The fields that users see: of a tuple all of them."""
        return tuple(part for part in self.fields if part.public or self.kind == "tuple")

    @property
    def is_record(self) -> bool:
        """Whether it is a value of fields that users can make themselves.

        A tuple is, and an object with neither a class of the runtime nor variants.
        """
        if self.kind == "tuple":
            return True
        has_variants = any(part.case for part in self.fields)
        return self.kind == "object" and self.runtime is None and not has_variants


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Const(Located, Marked):
    """A constant."""

    name: str = field(metadata=described("Nim's name."))
    type: str | None = field(default=None, metadata=described("Nim's type, where stated."))
    value: Scalar = field(default=None, metadata=described("The documented value."))
    platform: str | None = field(
        default=None, metadata=described("The system constant that gives the value in Python.")
    )
    from_: str | None = field(
        default=None,
        metadata=described("The Nim module that defines it, when it is not the documented one."),
    )
    python: str | None = field(
        default=None, metadata=described("The Python name, where the naming rule does not give it.")
    )
    doc: str = field(metadata=described("What it is."))
    amend: tuple[Amendment, ...] = field(
        default=(), metadata=described("Departures from the documentation.")
    )
    statements: tuple[Statement, ...] = field(default=(), metadata=described("What it promises."))
    extension: bool = field(
        default=False, metadata=described("The documentation does not have it.")
    )
    since: str | None = field(default=None, metadata=described(SINCE))
    omit: str | None = field(
        default=None, metadata=described("Why it is transcribed but not generated.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Module(Located):
    """One file of the specification: one generated module, named after the file."""

    name: str = field(metadata=described("The module's name; must be the file's."))
    doc: str = field(
        metadata=described("The module's docstring; the first sentence is the summary.")
    )
    runtime: str | None = field(
        default=None,
        metadata=described("The runtime module with the bodies of this module's functions."),
    )
    types: tuple[Type, ...] = field(
        default=(), metadata=described("The types, in documented order.")
    )
    consts: tuple[Const, ...] = field(
        default=(), metadata=described("The constants, in documented order.")
    )
    procs: tuple[Callable, ...] = field(
        default=(), metadata=described("The procs and templates, in documented order.")
    )
    operations: tuple[Operation, ...] = field(
        default=(), metadata=described("What scenarios can do in several forms of call.")
    )
    statements: tuple[Statement, ...] = field(
        default=(), metadata=described("What the documentation's module text promises.")
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Export(Located):
    """What the documented module exports from others."""

    name: str = field(metadata=shorthand("Nim's name."))
    count: int = field(default=1, metadata=described("How often the documentation lists it."))
    doc: str = field(default="", metadata=described("How the package has it."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Reexport(Located):
    """What the package exports of a hand-written package that comes with it."""

    name: str = field(metadata=described("Its name, there and here."))
    from_: str = field(metadata=described("The package, in the folder that holds the runtime."))
    doc: str = field(metadata=described("What it is; the first sentence is the summary."))


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Package(Located):
    """`package.yaml`: the package as a whole, and its modules in the order a reader wants them."""

    name: str = field(metadata=described("The generated package."))
    source: str = field(metadata=described("What is transcribed."))
    original: str | None = field(
        default=None,
        metadata=described("What the original is called, with which every `since` begins."),
    )
    doc: str = field(
        metadata=described("The package's docstring; the first sentence is the summary.")
    )
    runtime: str = field(
        metadata=described("The hand-written package that the generated one calls.")
    )
    modules: tuple[str, ...] = field(
        metadata=described("The other files of this folder, in order.")
    )
    exports: tuple[Export, ...] = field(default=(), metadata=described("The documented exports."))
    reexports: tuple[Reexport, ...] = field(
        default=(),
        metadata=described("What the package exports of other packages that come with it."),
    )
    mentions: tuple[str, ...] = field(
        default=(),
        metadata=described(
            "Names in the texts that are neither of the specification nor of Python's."
        ),
    )


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Spec:
    """The whole specification."""

    package: Package
    modules: tuple[Module, ...]
    types: TypesFile
    """What it mentions without defining it."""
    stage: Stage
    """What its scenarios can be given, and what their peers can do."""
    oracle: OracleFile
    """What the oracle has to know of the original."""
    facts: FactsFile | None = None
    """What the documentation states that it transcribes; None if nothing says so."""
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)
    """The lines of each file by the name that positions give it, for diagnostics."""
