"""The Python API that a specification describes, resolved: names, types, defaults and contracts.

This is what every output is planned from, and what `diff` compares. All names are Python's; `entry`
leads back to what the specification says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from nimnet_gen.acting import Acting
from nimnet_gen.model.surface import (
    Callable,
    Const,
    EnumMember,
    Module,
    ObjectField,
    Param,
    Spec,
    Type,
)
from nimnet_gen.naming.special import EQUALITY, SPECIAL, Special

Wire = Literal["plain", "flags", "core", "held", "packed", "wrapped", "number", "each", "maybe"]
"""How a value crosses to the runtime and back.

`plain` as it is; `flags` as the integer of an `enum.Flag`; `core` as the runtime object inside,
and `held` as well, of a class whose objects users make;
`packed` as the bytes of a value class or the fields of a record; `wrapped` is a number or a string
that comes back as a subclass of it, and so is `number`, an integer that needs no look at its range:
the runtime vouches for it; of a list `each` item crosses, of an option what is there (`maybe`).
"""


@dataclass(frozen=True)
class PythonType:
    """A type as annotations show it, and how its values cross to the runtime."""

    annotation: str
    symbols: tuple[str, ...] = ()
    """What the annotation names beyond the builtins: API symbols, or `module.Name`."""
    classes: tuple[str, ...] = ()
    """What `isinstance` would be asked, for overloads that differ in it."""
    wire: Wire = "plain"
    items: tuple[PythonType, ...] = ()
    """The items of a tuple."""
    element: PythonType | None = None
    """The type of what is in a list (`each`), or of what is there if anything is (`maybe`)."""
    short: str = ""
    """The annotation for readers, where code has to name a module as well."""

    @property
    def shown(self) -> str:
        """The annotation as documentation shows it."""
        return self.short or self.annotation


@dataclass(frozen=True)
class Expression:
    """A Python expression, with the API symbols it names."""

    text: str
    symbols: tuple[str, ...] = ()
    is_call: bool = False
    """It makes something each time it is evaluated, so a signature must not hold it."""


@dataclass(frozen=True)
class Parameter:
    """One parameter of one form."""

    name: str
    type: PythonType
    default: Expression | None
    keyword_only: bool
    entry: Param
    variadic: bool = False
    """Any number of it can be given, each by its place; its type is that of one."""


@dataclass(frozen=True)
class Form:
    """One way to call a function: one entry of the specification."""

    params: tuple[Parameter, ...]
    result: PythonType
    result_names: tuple[str, ...]
    """A name for each item of a tuple that has to be unpacked."""
    raises: tuple[str, ...]
    runtime: str
    """The runtime function: `module.function`, or for methods a path from the core."""
    entry: Callable
    by_place: int = 0
    """How many parameters have a place in a call that gives all of these, where the last of them
    can only be named in any other call."""

    @property
    def places(self) -> tuple[Parameter, ...]:
        """What can be given by place in some call."""
        return self.params[: self.by_place] or self.positional

    @property
    def is_low_level(self) -> bool:
        """Whether it takes a piece of memory in the place of data."""
        return any(param.type.annotation == "memoryview" for param in self.params)

    @property
    def required(self) -> tuple[Parameter, ...]:
        """The parameters without a default."""
        return tuple(param for param in self.params if param.default is None and not param.variadic)

    @property
    def positional(self) -> tuple[Parameter, ...]:
        """The parameters that may be given by position."""
        return tuple(param for param in self.params if not (param.keyword_only or param.variadic))


@dataclass(frozen=True)
class Function:
    """A function of the package, or a method or property of a class, with all its forms."""

    name: str
    owner: str
    """The class, or an empty text."""
    kind: Literal["function", "method", "property", "constructor"]
    forms: tuple[Form, ...]
    """What people use most comes first, what takes memory by hand last, else documented order."""
    setter: Form | None = None

    @property
    def usual(self) -> Form:
        """The form that people use most: what says so, or needs least.

        The others are variants of it; of several that need as much it is documented last.
        """
        forms = self.forms or ((self.setter,) if self.setter else ())

        def rank(form: Form) -> tuple[bool, bool, int]:
            return not form.entry.first, form.is_low_level, len(form.required)

        return min(reversed(forms), key=rank)

    @property
    def is_overloaded(self) -> bool:
        """Whether type checkers know it by several signatures."""
        return len(self.forms) > 1 or any(form.by_place for form in self.forms)

    @property
    def qualified(self) -> str:
        """The name under which users find it: `parse`, `Uri.parse`."""
        return f"{self.owner}.{self.name}" if self.owner else self.name

    @property
    def special(self) -> Special | None:
        """What Python's data model fixes about it; None for a name of the specification's own."""
        special = SPECIAL.get(self.name) if self.owner else None
        if special is None or not self.forms:
            return special
        return special.giving(self.forms[0].result.annotation, self.owner)

    @property
    def is_special(self) -> bool:
        """Whether it is a name of Python's data model (`__eq__`)."""
        return self.special is not None

    @property
    def forms_and_setter(self) -> tuple[Form, ...]:
        """Its forms, and last what assigns to a property."""
        return (*self.forms, self.setter) if self.setter else self.forms

    @property
    def entries(self) -> tuple[Callable, ...]:
        """What the specification says of it, in documented order."""
        return tuple(form.entry for form in self.forms_and_setter)


@dataclass(frozen=True)
class Member:
    """A member of an enum."""

    name: str
    value: Expression
    entry: EnumMember


@dataclass(frozen=True)
class Enum:
    """An enum, or with `is_flag` a set of flags."""

    name: str
    members: tuple[Member, ...]
    is_flag: bool
    exports_members: bool
    entry: Type


@dataclass(frozen=True)
class Distinct:
    """A subclass of a type of Python's that type checkers keep apart from it."""

    name: str
    range: tuple[int, int] | None
    entry: Type
    base: Literal["int", "str", "bytes"] = "int"


@dataclass(frozen=True)
class ExceptionType:
    """An exception class, which the runtime defines."""

    name: str
    bases: tuple[str, ...]
    runtime: str
    entry: Type
    fields: tuple[Function, ...] = ()
    """The attributes that users read; the runtime's class has them."""


@dataclass(frozen=True)
class Branch:
    """One variant of a value class: bytes of a fixed length."""

    tag: str
    field: str
    length: int
    doc: str


@dataclass(frozen=True)
class ValueClass:
    """An immutable object that is one of several byte arrays."""

    name: str
    discriminator: str
    tag_type: str
    tag_doc: str
    branches: tuple[Branch, ...]
    methods: tuple[Function, ...]
    entry: Type

    @property
    def is_by_content(self) -> bool:
        """Whether it compares by its bytes: the specification names no function that does it."""
        compared = (method for method in self.methods if method.name == EQUALITY)
        return any(method.entries[0].runtime is None for method in compared)


@dataclass(frozen=True)
class RecordField:
    """A field of a record."""

    name: str
    type: PythonType
    default: Expression | None
    keyword_only: bool
    entry: ObjectField


@dataclass(frozen=True)
class Record:
    """An immutable value of fields, which users make themselves."""

    name: str
    fields: tuple[RecordField, ...]
    is_tuple: bool
    """It is a named tuple; else a frozen dataclass."""
    methods: tuple[Function, ...]
    entry: Type


@dataclass(frozen=True)
class HandleClass:
    """An object that holds one of the runtime's, and passes calls on to it."""

    name: str
    runtime: str
    methods: tuple[Function, ...]
    entry: Type
    constructor: Function | None = None
    """What users make an object by; without one they get theirs from functions."""


@dataclass(frozen=True)
class Alias:
    """The type of a function that users pass."""

    name: str
    type: PythonType
    entry: Type


@dataclass(frozen=True)
class Constant:
    """A constant."""

    name: str
    type: PythonType
    value: Expression
    entry: Const


ClassSymbol = ValueClass | Record | HandleClass
"""What has methods."""

TypeSymbol = Enum | Distinct | ExceptionType | ClassSymbol | Alias


@dataclass(frozen=True)
class ApiModule:
    """One generated module."""

    name: str
    types: tuple[TypeSymbol, ...]
    constants: tuple[Constant, ...]
    functions: tuple[Function, ...]
    entry: Module

    @property
    def callables(self) -> Iterator[Function]:
        """Every function and method, classes first, each with its constructor."""
        for symbol in self.types:
            if isinstance(symbol, HandleClass) and symbol.constructor is not None:
                yield symbol.constructor
            if isinstance(symbol, ClassSymbol):
                yield from symbol.methods
        yield from self.functions

    @property
    def exports(self) -> Mapping[str, str]:
        """Every public name of the module, with what defines it: itself, or a member's enum."""
        names: dict[str, str] = {}
        for symbol in self.types:
            names[symbol.name] = symbol.name
            if isinstance(symbol, Enum) and symbol.exports_members:
                names |= {member.name: symbol.name for member in symbol.members}
        names |= {constant.name: constant.name for constant in self.constants}
        names |= {function.name: function.name for function in self.functions}
        return names


@dataclass(frozen=True)
class Api:
    """The whole package."""

    name: str
    runtime: str
    modules: tuple[ApiModule, ...]
    spec: Spec

    @cached_property
    def homes(self) -> Mapping[str, str]:
        """The module of every public name."""
        return {name: module.name for module in self.modules for name in module.exports}

    @cached_property
    def acting(self) -> Acting:
        """What the scenarios do, which tests in several languages are planned from."""
        return Acting(self.spec)
