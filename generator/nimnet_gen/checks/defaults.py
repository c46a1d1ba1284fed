"""Defaults, the values of consts and the values of enums: each is known, and fits its type."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nimnet_gen.model.declaration import Scalar
from nimnet_gen.model.surface import Callable, Const, ObjectField, Param, Spec, Type
from nimnet_gen.naming import effective
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
    ArrayOf,
    Named,
    NimSyntaxError,
    NimType,
    OptionOf,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.python_types import FLOATS, STRINGS
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_NILABLE: Final = frozenset({"pointer", "cstring", "RootRef", "void"})
"""Nim's own types that have a nil."""

MAX_FLAG: Final = 255
"""The greatest number of a flag; the set is an integer with a bit for each."""


def check_defaults(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every default, const and enum."""
    order = {module.name: number for number, module in enumerate(spec.modules)}
    room = _Room(symbols, order, found)
    for module in spec.modules:
        room.module = module.name
        for defined in module.types:
            room.check_enum(defined)
            for part in defined.fields:
                room.check_field(part, defined)
        for const in module.consts:
            room.check_const(const)
        for entry in module.procs:
            for param in effective.params(entry):
                room.check_param(param, entry)


def integer_range(name: str, symbols: Symbols) -> tuple[int, int] | None:
    """Return the least and greatest value of an integer type or a distinct one; None for others."""
    integers = symbols.mappings.integers
    if name in integers:
        return integers[name]
    defined = symbols.types.get(name)
    if defined is None or defined.kind != "distinct" or defined.base == "string":
        return None
    if defined.range is not None and len(defined.range) == 2:
        return defined.range[0], defined.range[1]
    return integers.get(defined.base or "int", integers["int"])


class _Room:
    def __init__(self, symbols: Symbols, order: Mapping[str, int], found: Diagnostics) -> None:
        self.module = ""
        """The module whose entries are looked at."""
        self._order = order
        self._symbols = symbols
        self._found = found
        self._fitting: dict[tuple[Call, NimType], bool] = {}
        """Which calls fit which types: calls within calls would be tried for each overload."""

    def check_enum(self, defined: Type) -> None:
        values: dict[int | str, str] = {}
        ordinal = 0
        for member in defined.members:
            ordinal = member.value if member.value is not None else ordinal
            value = member.platform if member.platform is not None else ordinal
            if value in values:
                self._found.add(
                    "SPEC053",
                    f"'{member.name}' has the value {value}, which '{values[value]}' already has",
                    member.where("platform" if member.platform is not None else "value"),
                )
            values.setdefault(value, member.name)
            if defined.set and member.platform is None and not 0 <= ordinal <= MAX_FLAG:
                self._found.add(
                    "SPEC051",
                    f"{ordinal} is no number of a flag",
                    member.where("value"),
                    f"the flags of a set are numbered from 0 to {MAX_FLAG}",
                )
            ordinal += 1

    def check_const(self, const: Const) -> None:
        if const.value is None and const.platform is None:
            self._found.add("SPEC022", "a const needs the key 'value' or 'platform'", const.at)
        values = [(const.value, const.where("value"))] if "value" in const.keys else []
        values += [
            (amendment.value, amendment.where("value"))
            for amendment in const.amend
            if "value" in amendment.keys
        ]
        wanted = self._symbols.const_type(const)
        if wanted is not None and not self._can_be_constant(wanted):
            self._found.add(
                "SPEC051",
                f"no constant can be of the type {const.type}",
                const.where("type"),
                "a constant is a number, a text, a bool, or a distinct integer",
            )
            return
        is_number = isinstance(wanted, Named) and integer_range(wanted.name, self._symbols)
        if const.platform is not None and wanted is not None and not is_number:
            self._found.add(
                "SPEC051",
                f"a constant of the system is a number, and no {_name(wanted)}",
                const.where("platform"),
            )
        for value, at in values:
            if isinstance(wanted, Named) and not self._value_fits(value, wanted.name):
                self._found.add("SPEC051", f"{_show(value)} is no {wanted.name}", at)

    def _can_be_constant(self, wanted: NimType) -> bool:
        """Tell whether a constant can be of a type; one that is unknown is others' business."""
        if isinstance(wanted, SetOf | ArrayOf | TupleOf):
            return False
        defined = self._symbols.types.get(wanted.name) if isinstance(wanted, Named) else None
        return defined is None or defined.kind == "distinct"

    def _value_fits(self, value: Scalar, name: str) -> bool:
        if name == "bool":
            return isinstance(value, bool)
        if name in STRINGS:
            return isinstance(value, str)
        if name in FLOATS:
            return isinstance(value, int | float) and not isinstance(value, bool)
        limits = integer_range(name, self._symbols)
        if limits is None:
            return name not in self._symbols.mappings.names and name not in self._symbols.types
        if isinstance(value, bool) or not isinstance(value, int):
            return False
        return limits[0] <= value <= limits[1]

    def check_param(self, param: Param, entry: Callable) -> None:
        wanted = self._symbols.type_of(param)
        self._check_default(param.default, param.where("default"), wanted, param.type, entry)
        self._check_meaning(param)

    def _check_meaning(self, param: Param) -> None:
        """Check that a string which a name or a call stands for holds what the parameter does."""
        if param.as_ is None or param.default is None:
            return
        try:
            default = parse_default(param.default)
        except NimSyntaxError:
            return
        held = self._held(default)
        if held is not None and held != param.as_:
            self._found.add(
                "SPEC051",
                f"the default {param.default} is {held}, but the parameter holds {param.as_}",
                param.where("default"),
                f"say `as: {held}`, or write the default in double quotes",
            )

    def _held(self, default: Default) -> str | None:
        """Return what the strings of a default hold; None where it has none, or can be either."""
        match default:
            case NameRef(name, "") if (const := self._symbols.consts.get(name)) is not None:
                # A constant that is a string is text in Python.
                return "text" if self._symbols.const_type(const) == Named("string") else None
            case Call(name):
                held = {
                    result.as_
                    for called in self._symbols.callables.get(name, ())
                    if (result := effective.result(called)) is not None
                }
                return held.pop() if len(held) == 1 else None
        return None

    def check_field(self, part: ObjectField, defined: Type) -> None:
        """Check the default of a field."""
        try:
            wanted = parse_type(part.type)
        except NimSyntaxError:
            return
        self._check_default(part.default, part.where("default"), wanted, part.type, defined)

    def _check_default(
        self,
        text: str | None,
        at: Position,
        wanted: NimType | None,
        written: str | None,
        entry: Callable | Type,
    ) -> None:
        if text is None:
            return
        try:
            default = parse_default(text)
        except NimSyntaxError as error:
            place = self._found.within(at, error.offset)
            self._found.add("SPEC050", f"not a default: {error.message}", place)
            return
        if not self._known(default, at, entry) or wanted is None:
            return
        if not self._fits(default, wanted):
            name = written if written is not None else _name(wanted)
            self._found.add("SPEC051", f"the default {text} is no {name}", at, self._hint(wanted))

    def _hint(self, wanted: NimType) -> str:
        """Say what a default of a type looks like."""
        if isinstance(wanted, SetOf):
            return "a set is written {A, B}, the empty one {}"
        if isinstance(wanted, SeveralOf | ArrayOf):
            return "a list is written @[a, b], the empty one @[]"
        if isinstance(wanted, OptionOf):
            return "none(Type), or some(value)"
        if not isinstance(wanted, Named):
            return ""
        if wanted.name == "char":
            return "a character stands in single quotes: \"','\""
        if wanted.name in FLOATS:
            return "a number, such as 1.5"
        if wanted.name in STRINGS:
            return "a string stands in double quotes, inside the YAML quotes: '\"text\"'"
        if wanted.name == "bool":
            return "true or false"
        defined = self._symbols.types.get(wanted.name)
        if defined is not None and defined.kind == "distinct" and defined.base == "string":
            return f'{wanted.name}("text")'
        if defined is not None and defined.kind == "enum":
            return f"one of {', '.join(member.name for member in defined.members)}"
        limits = integer_range(wanted.name, self._symbols)
        if limits is None:
            return ""
        span = f"a number from {limits[0]} to {limits[1]}"
        return span if defined is None else f"{wanted.name}(n) with {span}"

    def _known(self, default: Default, at: Position, entry: Callable | Type) -> bool:
        """Report unknown names, and uses of what is not generated."""
        match default:
            case NameRef():
                return self._known_name(default, at, entry)
            case SetLiteral(members):
                known = [self._known_name(member, at, entry) for member in members]
                return all(known)
            case Conversion(type=name, value=value):
                types = {*self._symbols.mappings.names, *self._symbols.types}
                if name not in types:
                    self._found.add(
                        "SPEC052",
                        f"unknown type '{name}'",
                        at,
                        self._found.did_you_mean(name, types),
                    )
                    return False
                return self._known(value, at, entry)
            case Call(name, arguments):
                overloads = self._symbols.callables.get(name)
                if overloads is None:
                    hint = self._found.did_you_mean(name, self._symbols.callables)
                    self._found.add("SPEC052", f"unknown proc '{name}'", at, hint)
                    return False
                if entry.omit is None and all(called.omit is not None for called in overloads):
                    self._found.add("SPEC043", f"'{name}' is not generated, but this is", at)
                self._check_called(name, overloads, at, entry)
                known = [self._known(argument, at, entry) for argument in arguments]
                return all(known)
            case ListLiteral(items):
                known = [self._known(item, at, entry) for item in items]
                return all(known)
            case Some(value):
                return self._known(value, at, entry)
            case _:
                return True

    def _check_called(
        self, name: str, overloads: tuple[Callable, ...], at: Position, entry: Callable | Type
    ) -> None:
        """Check that a call in a default is of a function, which is there when it is made."""
        if entry.omit is not None:
            return
        if any(self._symbols.owner(called) is not None for called in overloads):
            self._found.add(
                "SPEC051",
                f"'{name}' is a method, and a default has no object to call it on",
                at,
                "a default is a literal, a name, or the call of a function",
            )
        else:
            self._check_earlier(name, self._symbols.homes[overloads[0]], at)

    def _check_earlier(self, name: str, home: str, at: Position) -> None:
        """Check that a name is of this module, or of one before it, which it can import."""
        if self._order.get(home, 0) > self._order.get(self.module, 0):
            self._found.add(
                "SPEC054",
                f"'{name}' is of the module '{home}', which comes later",
                at,
                f"move it to {self.module}.yaml, or change the order in package.yaml",
            )

    def _known_name(self, reference: NameRef, at: Position, entry: Callable | Type) -> bool:
        const = self._symbols.consts.get(reference.name) if not reference.qualifier else None
        if const is not None and const.omit is not None and entry.omit is None:
            self._found.add("SPEC043", f"'{reference.name}' is not generated, but this is", at)
        if const is not None:
            if entry.omit is None:
                self._check_earlier(reference.name, self._symbols.home[const.name].name, at)
            return True
        if self._symbols.member(reference) is not None:
            return True
        known = {*self._symbols.consts, *self._symbols.members}
        self._found.add(
            "SPEC052",
            f"'{reference.name}' is neither a const nor an enum member",
            at,
            self._found.did_you_mean(
                reference.name, known, "a string stands in double quotes: '\"text\"'"
            ),
        )
        return False

    def _fits(self, default: Default, wanted: NimType) -> bool:
        if isinstance(default, Call):
            if (default, wanted) not in self._fitting:
                self._fitting[default, wanted] = any(
                    self._call_fits(overload, default.arguments, wanted)
                    for overload in self._symbols.callables.get(default.name, ())
                )
            return self._fitting[default, wanted]
        if isinstance(default, NilLiteral):
            return self._may_be_nil(wanted)
        if isinstance(wanted, UnionOf):
            return any(self._fits(default, member) for member in wanted.members)
        if isinstance(wanted, OptionOf):
            if isinstance(default, NoneOf):
                return default.type == wanted.element
            return isinstance(default, Some) and self._fits(default.value, wanted.element)
        if isinstance(wanted, SeveralOf | ArrayOf):
            if isinstance(default, StringLiteral):
                return wanted.element == Named("char")
            return isinstance(default, ListLiteral) and all(
                self._fits(item, wanted.element) for item in default.items
            )
        if isinstance(wanted, SetOf):
            return isinstance(default, SetLiteral) and all(
                self._is_member(member, wanted.element) for member in default.members
            )
        if not isinstance(wanted, Named):
            return not isinstance(default, SetLiteral)
        name = wanted.name
        match default:
            case IntLiteral(value):
                limits = self._symbols.mappings.integers.get(name)
                if limits is None:
                    return name in FLOATS
                return limits[0] <= value <= limits[1]
            case FloatLiteral():
                return name in FLOATS
            case CharLiteral():
                return name == "char"
            case BoolLiteral():
                return name == "bool"
            case StringLiteral():
                return name in STRINGS - {"char"}
            case NameRef():
                return self._is_member(default, wanted) or self._is_const(default, name)
            case Conversion(type=target, value=value):
                return target == name and self._converts(value, target)
            case _:
                return False

    def _converts(self, value: Default, target: str) -> bool:
        """Tell whether a type can be made of a value."""
        limits = integer_range(target, self._symbols)
        if limits is not None:
            return isinstance(value, IntLiteral) and limits[0] <= value.value <= limits[1]
        defined = self._symbols.types.get(target)
        if defined is not None and defined.kind == "distinct":
            return isinstance(value, StringLiteral)
        return target not in FLOATS or isinstance(value, IntLiteral | FloatLiteral)

    def _may_be_nil(self, wanted: NimType) -> bool:
        """Tell whether Nim has a nil of a type: a reference, a proc, a pointer."""
        if isinstance(wanted, UnionOf):
            return any(self._may_be_nil(member) for member in wanted.members)
        if not isinstance(wanted, Named):
            return False
        defined = self._symbols.types.get(wanted.name)
        if defined is None:
            return wanted.name in {*_NILABLE, *self._symbols.mappings.classes}
        return defined.kind == "proc" or (defined.kind == "object" and defined.ref is not None)

    def _is_member(self, reference: NameRef, wanted: NimType) -> bool:
        return any(
            wanted == Named(enum.name) and reference.qualifier in ("", enum.name)
            for enum, _ in self._symbols.members.get(reference.name, ())
        )

    def _is_const(self, reference: NameRef, name: str) -> bool:
        const = self._symbols.consts.get(reference.name)
        implied = self._symbols.const_type(const) if const is not None else None
        if not isinstance(implied, Named):
            return False
        integers = self._symbols.mappings.integers
        return implied.name == name or (implied.name in integers and name in integers)

    def _call_fits(self, called: Callable, arguments: tuple[Default, ...], wanted: NimType) -> bool:
        result = effective.result(called)
        params = effective.params(called)
        required = sum(param.default is None for param in params)
        if result is None or not required <= len(arguments) <= len(params):
            return False
        try:
            if parse_type(result.type) != wanted:
                return False
        except NimSyntaxError:
            return True
        for argument, param in zip(arguments, params, strict=False):
            type_ = self._symbols.type_of(param)
            if type_ is not None and not self._fits(argument, type_):
                return False
        return True


def _name(node: NimType) -> str:
    match node:
        case Named(name):
            return name
        case SetOf(Named(name)):
            return f"set[{name}]"
        case _:
            return "value of its type"


def _show(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return f'the text "{value}"' if isinstance(value, str) else str(value)
