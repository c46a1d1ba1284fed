"""What the names of a specification stand for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from nimnet_gen.model.surface import (
    Callable,
    Const,
    EnumMember,
    Module,
    ObjectField,
    Param,
    Result,
    Spec,
    Type,
)
from nimnet_gen.naming import effective
from nimnet_gen.naming.names import is_setter, python_name, snake_case
from nimnet_gen.naming.nimdefaults import (
    BoolLiteral,
    Call,
    CharLiteral,
    Conversion,
    Default,
    FloatLiteral,
    IntLiteral,
    ListLiteral,
    NameRef,
    NilLiteral,
    NoneOf,
    SetLiteral,
    Some,
    StringLiteral,
    parse_default,
)
from nimnet_gen.naming.nimtypes import (
    Named,
    NimSyntaxError,
    NimType,
    OptionOf,
    SetOf,
    SeveralOf,
    parse_type,
    walk,
)
from nimnet_gen.naming.python_types import Mappings
from nimnet_gen.naming.special import ENTER

_OF_SUFFIX: Final = {"": "int", "i": "int", "u": "uint"}


@dataclass(frozen=True, eq=False)
class Symbols:
    """The tables of a specification. Of two things with one name, the first counts."""

    types: Mapping[str, Type]
    consts: Mapping[str, Const]
    members: Mapping[str, tuple[tuple[Type, EnumMember], ...]]
    callables: Mapping[str, tuple[Callable, ...]]
    home: Mapping[str, Module]
    """The module of each type and const."""
    homes: Mapping[Callable, str]
    """The name of each callable's module."""
    conversions: Mapping[str, Callable]
    """The call of each distinct type, which makes a value of a number."""
    python: Mapping[str, tuple[tuple[Callable, ...], ...]]
    """The overloads of each of Nim's names that a Python name stands for; a setter has none."""
    parsers: Mapping[str, Callable]
    """The function that makes an object of a text alone, for each type that has one."""
    mappings: Mappings
    """What the types are that nothing defines."""
    system: Mapping[str, str]
    """The system's names for numbers, each with the module of Python that has it."""

    @classmethod
    def of(cls, spec: Spec) -> Symbols:
        """Read the tables off a specification."""
        types: dict[str, Type] = {}
        consts: dict[str, Const] = {}
        members: dict[str, list[tuple[Type, EnumMember]]] = {}
        callables: dict[str, list[Callable]] = {}
        home: dict[str, Module] = {}
        homes: dict[Callable, str] = {}
        for module in spec.modules:
            for defined in module.types:
                types.setdefault(defined.name, defined)
                home.setdefault(defined.name, module)
                for member in defined.members:
                    members.setdefault(member.name, []).append((defined, member))
            for const in module.consts:
                consts.setdefault(const.name, const)
                home.setdefault(const.name, module)
            for entry in module.procs:
                callables.setdefault(entry.name, []).append(entry)
                homes[entry] = module.name
        overloads = {name: tuple(found) for name, found in callables.items()}
        return cls(
            types,
            consts,
            {name: tuple(found) for name, found in members.items()},
            overloads,
            home,
            homes,
            {
                name: _conversion(defined)
                for name, defined in types.items()
                if defined.kind == "distinct"
            },
            _by_python_name(overloads),
            _parsers(types, overloads),
            Mappings.of(spec.types),
            {name: names.module for names in spec.types.system for name in names.names},
        )

    def called(self, name: str) -> tuple[Callable, ...]:
        """Return the overloads of Nim's name, or of a Python name that is of one of Nim's alone.

        A distinct type is called as well.
        """
        if name in self.callables:
            return self.callables[name]
        if name in self.conversions:
            return (self.conversions[name],)
        meant = self.python.get(name, ())
        return meant[0] if len(meant) == 1 else ()

    def owner(self, entry: Callable) -> Type | None:
        """Return the class that a callable is a method of, or None for a function.

        A first parameter with a default makes none: the call must work without any object. A
        constructor is the class itself.
        """
        if entry.kind == "constructor" or not entry.params or entry.params[0].mode == "out":
            return None
        if entry.params[0].default is not None:
            return None
        first = self.type_of(entry.params[0])
        if not isinstance(first, Named):
            return None
        defined = self.types.get(first.name)
        return defined if defined is not None and defined.kind in ("object", "tuple") else None

    def made_by(self, entry: Callable) -> Type | None:
        """Return the class that a constructor makes an object of, or None for anything else."""
        defined = self.types.get(entry.name) if entry.kind == "constructor" else None
        return defined if defined is not None and defined.runtime is not None else None

    @cached_property
    def constructed(self) -> frozenset[str]:
        """The classes that users make objects of, by a constructor."""
        made = (self.made_by(entry) for named in self.callables.values() for entry in named)
        return frozenset(defined.name for defined in made if defined is not None)

    def lineage(self, exception: str) -> tuple[str, ...]:
        """Return an exception and those that it derives from, as far as they are defined here."""
        found: dict[str, None] = {}
        defined = self.types.get(exception)
        while defined is not None and defined.kind == "exception" and defined.name not in found:
            found[defined.name] = None
            defined = self.types.get(defined.base or "")
        return tuple(found) or (exception,)

    def field_of(self, exception: str, name: str) -> ObjectField | None:
        """Return a public field of an exception, by Nim's name or Python's; its bases' included."""
        for one in self.lineage(exception):
            for part in self.types[one].public_fields if one in self.types else ():
                if name in (part.name, snake_case(part.name)):
                    return part
        return None

    def entered(self, node: NimType) -> NimType:
        """Return what a `with` statement gives for a value of a type: mostly the value itself."""
        return self._entered.get(node.name, node) if isinstance(node, Named) else node

    @cached_property
    def _entered(self) -> Mapping[str, NimType]:
        """What it gives for each class that has a say in it."""
        found: dict[str, NimType] = {}
        for entry in self.callables.get(ENTER, ()):
            owner, result = self.owner(entry), self.result_type(entry)
            if owner is not None and result is not None:
                found.setdefault(owner.name, result)
        return found

    def named(self, node: NimType) -> NimType:
        """Return what a name stands for that a step gives to a value of a type.

        An object that may be none has to be there, or nothing could be asked of it.
        """
        if isinstance(node, OptionOf) and isinstance(node.element, Named):
            defined = self.types.get(node.element.name)
            if defined is not None and defined.kind == "object" and defined.runtime is not None:
                node = node.element
        return self.entered(node)

    def record(self, node: NimType) -> Type | None:
        """Return the record that a type is, or None."""
        defined = self.types.get(node.name) if isinstance(node, Named) else None
        return defined if defined is not None and defined.is_record else None

    def distinct_string(self, node: NimType) -> Type | None:
        """Return the distinct string that a type is, or None."""
        defined = self.types.get(node.name) if isinstance(node, Named) else None
        if defined is None or defined.kind != "distinct" or defined.base != "string":
            return None
        return defined

    def knows_types_of(self, entry: Callable) -> bool:
        """Tell whether every type exists that the parameters and the result name."""
        nodes = [self.type_of(param) for param in effective.params(entry)]
        nodes.append(self.result_type(entry))
        parts = [part for node in nodes if node is not None for part in walk(node)]
        return all(
            part.name in self.mappings.names or part.name in self.types
            for part in parts
            if isinstance(part, Named)
        )

    def member(self, reference: NameRef) -> Type | None:
        """Return the enum that a name is a member of."""
        for defined, _ in self.members.get(reference.name, ()):
            if reference.qualifier in ("", defined.name):
                return defined
        return None

    def type_of(self, param: Param) -> NimType | None:
        """Return the stated or implied type of a parameter; None if there is a fault in it."""
        try:
            if param.type is not None:
                return parse_type(param.type)
            if param.default is not None:
                return self.implied(parse_default(param.default))
        except NimSyntaxError:
            pass
        return None

    def result_type(self, entry: Callable) -> NimType | None:
        """Return the type of what a callable gives; None for nothing, or where it is faulty."""
        result = effective.result(entry)
        try:
            return parse_type(result.type) if result is not None else None
        except NimSyntaxError:
            return None

    def const_type(self, const: Const) -> NimType | None:
        """Return the stated or implied type of a const; None if there is a fault in it."""
        try:
            if const.type is not None:
                return parse_type(const.type)
        except NimSyntaxError:
            return None
        if isinstance(const.value, bool):
            return Named("bool")
        if isinstance(const.value, float):
            return Named("float")
        return Named("string" if isinstance(const.value, str) else "int")

    def implied(self, default: Default) -> NimType | None:
        """Return the type that a default implies; None if it implies none."""
        match default:
            case IntLiteral(suffix=suffix):
                return Named(f"{_OF_SUFFIX[suffix[:1]]}{suffix[1:]}")
            case FloatLiteral(suffix=suffix):
                return Named(f"float{suffix[1:]}")
            case CharLiteral():
                return Named("char")
            case NilLiteral():
                return None
            case NoneOf(node):
                return OptionOf(node)
            case Some(value):
                inner = self.implied(value)
                return OptionOf(inner) if inner is not None else None
            case ListLiteral(items):
                inner = self.implied(items[0]) if items else None
                return SeveralOf("seq", inner) if inner is not None else None
            case BoolLiteral():
                return Named("bool")
            case StringLiteral():
                return Named("string")
            case Conversion(type=name):
                return Named(name)
            case SetLiteral(members):
                enum = self.member(members[0]) if members else None
                return SetOf(Named(enum.name)) if enum else None
            case NameRef():
                if enum := self.member(default):
                    return Named(enum.name)
                const = self.consts.get(default.name)
                return self.const_type(const) if const else None
            case Call(name):  # pragma: no branch - the last kind of default
                for entry in self.callables.get(name, ()):
                    if (result := self.result_type(entry)) is not None:
                        return result
        return None


def _by_python_name(
    callables: Mapping[str, tuple[Callable, ...]],
) -> dict[str, tuple[tuple[Callable, ...], ...]]:
    meant: dict[str, list[tuple[Callable, ...]]] = {}
    for nim, overloads in callables.items():
        if not is_setter(nim):
            for name in {python_name(entry) for entry in overloads}:
                meant.setdefault(name, []).append(overloads)
    return {name: tuple(found) for name, found in meant.items()}


def _parsers(
    types: Mapping[str, Type], callables: Mapping[str, tuple[Callable, ...]]
) -> dict[str, Callable]:
    """Return what makes objects of texts: the first that needs a text, and nothing else."""
    found: dict[str, Callable] = {}
    for overloads in callables.values():
        for entry in overloads:
            result = effective.result(entry)
            required = [param for param in effective.params(entry) if param.default is None]
            if (
                result is not None
                and result.type in types
                and types[result.type].kind == "object"
                and [(param.type, param.as_) for param in required] == [("string", "text")]
            ):
                found.setdefault(result.type, entry)
    return found


def _conversion(defined: Type) -> Callable:
    """Return the call of a distinct type, which refuses what is outside of its range."""
    return Callable(
        at=defined.at,
        keys={},
        name=defined.name,
        python=defined.name,
        params=(
            Param(
                at=defined.at,
                keys={},
                name="value",
                type="string" if defined.base == "string" else "int",
                as_=defined.as_,
            ),
        ),
        returns=Result(at=defined.at, keys={}, type=defined.name),
        raises=("ValueError",) if defined.range is not None else (),
        doc=defined.doc,
        omit=defined.omit,
    )
