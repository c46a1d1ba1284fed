"""Types: each is known, generated if it is used, and stands where Python can import it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nimnet_gen.model.declaration import Located
from nimnet_gen.model.surface import (
    Callable,
    Const,
    Module,
    ObjectField,
    Param,
    Result,
    Spec,
    StringMeaning,
    Type,
)
from nimnet_gen.naming import effective
from nimnet_gen.naming.annotations import UNKNOWN, wrong_parts
from nimnet_gen.naming.nimdefaults import (
    ListLiteral,
    NilLiteral,
    NoneOf,
    SetLiteral,
    parse_default,
)
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    NimSyntaxError,
    NimType,
    PythonType,
    SetOf,
    SeveralOf,
    UnionOf,
    parse_type,
    walk,
)
from nimnet_gen.naming.python_types import PYTHON_IMPORTS, STRINGS
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_KEYS_OF_KIND: Final[Mapping[str, frozenset[str]]] = {
    "enum": frozenset({"runtime", "pure", "set", "members", "numbers"}),
    "object": frozenset({"fields", "ref", "runtime"}),
    "tuple": frozenset({"fields"}),
    "distinct": frozenset({"base", "as", "range"}),
    "exception": frozenset({"base", "fields", "python_bases", "runtime"}),
    "proc": frozenset({"params", "returns"}),
}
_NEEDED_BY_KIND: Final[Mapping[str, str]] = {
    "enum": "members",
    "tuple": "fields",
    "distinct": "base",
    "exception": "base",
}
_STRING: Final = "string"
_CHAR: Final = "char"
_TAINTED: Final = "TaintedString"
_GENERIC: Final = ("set", "seq", "openArray", "varargs", "Option", "array", "tuple")
_KINDLESS: Final = frozenset[str]().union(*_KEYS_OF_KIND.values())


def check_types(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check the types of every parameter, result, field, const and type."""
    order = {module.name: index for index, module in enumerate(spec.modules)}
    for module in spec.modules:
        room = _Room(module, symbols, order, found)
        for defined in module.types:
            room.check_definition(defined)
        for const in module.consts:
            if const.type is not None:
                room.check_const(const, const.type)
        for entry in module.procs:
            room.check_callable(entry)


class _Room:
    """The checks of one module."""

    def __init__(
        self, module: Module, symbols: Symbols, order: Mapping[str, int], found: Diagnostics
    ) -> None:
        self._module = module
        self._symbols = symbols
        self._order = order
        self._found = found

    def check_definition(self, defined: Type) -> None:
        for key in _KINDLESS & defined.keys.keys() - _KEYS_OF_KIND[defined.kind]:
            kinds = [kind for kind, keys in _KEYS_OF_KIND.items() if key in keys]
            self._found.add(
                "SPEC046",
                f"'{key}' does not belong to a type of kind {defined.kind}",
                defined.where(key),
                f"it belongs to {' and '.join(kinds)}",
            )
        needed = _NEEDED_BY_KIND.get(defined.kind)
        if needed is not None and not getattr(defined, needed):
            self._found.add(
                "SPEC022", f"a type of kind {defined.kind} needs the key '{needed}'", defined.at
            )
        self._check_base(defined)
        generated = defined.omit is None
        if defined.kind == "exception":
            self._check_exception(defined)
        for part in defined.fields:
            self._check_field(defined, part, generated)
        for param in defined.params:
            self._check_param(param, generated)
            self._check_callback(self._symbols.type_of(param), param.where("type"))
        if defined.returns is not None:
            self._check_result(defined.returns, generated)
            self._check_callback(self._parsed(defined.returns.type), defined.returns.where("type"))

    def _check_exception(self, defined: Type) -> None:
        """Check that an exception has a beginning, and fields that the runtime can fill in."""
        if defined.name in self._symbols.lineage(defined.base or ""):
            self._found.add(
                "SPEC054",
                f"'{defined.name}' derives from itself",
                defined.where("base"),
                "name the exception that is more general",
            )
        for part in defined.public_fields:
            node = self._parsed(part.type)
            for inner in walk(node) if node is not None else ():
                if isinstance(inner, SetOf) or (
                    isinstance(inner, Named) and inner.name in self._symbols.types
                ):
                    self._found.add(
                        "SPEC049",
                        "the runtime fills in an exception, and has no such values",
                        part.where("type"),
                        "it has numbers, strings, and lists or tuples of these",
                    )

    def _check_callback(self, node: NimType | None, at: Position) -> None:
        """Report what a callback cannot take or give: it is the runtime that calls it."""
        for part in walk(node) if node is not None else ():
            defined = self._symbols.types.get(part.name) if isinstance(part, Named) else None
            is_object = defined is not None and defined.kind in ("object", "tuple")
            if is_object or isinstance(part, SetOf):
                self._found.add(
                    "SPEC049",
                    "a callback is called by the runtime, which has no such values",
                    at,
                    "it takes and gives numbers, strings, and lists or tuples of these",
                )

    def _parsed(self, text: str) -> NimType | None:
        """Return a type that another check reports if it does not parse."""
        try:
            return parse_type(text)
        except NimSyntaxError:
            return None

    def _check_base(self, defined: Type) -> None:
        if defined.range is not None and (
            len(defined.range) != 2 or defined.range[0] > defined.range[1]
        ):
            self._found.add(
                "SPEC024",
                "a range is [lowest, highest]",
                defined.where("range"),
                "for example [0, 65535]",
            )
        if defined.kind == "distinct" and defined.base is not None:
            self._check_distinct(defined, defined.base)
        if defined.ref is not None and defined.ref != "object":
            # The object behind a reference has no public part of its own, and so may be omitted.
            self.check_text(defined.ref, defined.where("ref"), generated=False)

    def _check_distinct(self, defined: Type, base: str) -> None:
        integers = self._symbols.mappings.integers
        if base == _STRING:
            self._check_strings(Named(base), defined.as_, defined, defined.where("base"))
            if defined.range is not None:
                self._found.add(
                    "SPEC046", "a distinct string has no range", defined.where("range"), "drop it"
                )
            return
        if base not in integers:
            known = (*integers, _STRING)
            self._found.add(
                "SPEC041",
                f"'{base}' is neither an integer type nor a string",
                defined.where("base"),
                self._found.did_you_mean(base, known, f"one of {', '.join(known)}"),
            )
        elif defined.as_ is not None:
            self._found.add(
                "SPEC042", "`as` without a string in the type", defined.where("as"), "leave it out"
            )

    def _check_field(self, defined: Type, part: ObjectField, generated: bool) -> None:
        at = part.where("type")
        if part in defined.public_fields:
            node = self.check_text(part.type, at, generated)
            if node is not None:
                self._check_place(node, at, is_param=False)
                self._check_strings(node, part.as_, part, at)
        else:
            self._parse(part.type, at)
        if part.default is not None and not (defined.is_record and defined.kind == "object"):
            self._found.add(
                "SPEC046",
                f"a field of this {defined.kind} has no default",
                part.where("default"),
                "it belongs to objects that users make: without a runtime class, and no variants",
            )
        if part.of is None:
            return
        cases = [field for field in defined.fields if field.case]
        enum = self._symbols.types.get(cases[0].type) if cases else None
        known = [member.name for member in enum.members] if enum is not None else []
        if part.of not in known:
            self._found.add(
                "SPEC052",
                f"'{part.of}' is no value of the discriminator",
                part.where("of"),
                self._found.did_you_mean(
                    part.of, known, "mark the discriminator with `case: true`"
                ),
            )

    def check_const(self, const: Const, text: str) -> None:
        """Check the type of a constant, which the specification writes as one scalar."""
        node = self.check_text(text, const.where("type"), const.omit is None)
        if node is not None and not isinstance(node, Named) and const.omit is None:
            self._found.add(
                "SPEC049",
                "a constant is a number, an answer or a text",
                const.where("type"),
                "say with `omit:` why it is not generated",
            )

    def check_callable(self, entry: Callable) -> None:
        generated = entry.omit is None
        for param in effective.params(entry):
            self._check_param(param, generated)
        result = effective.result(entry)
        for stated in (entry.returns, result):
            if stated is not None and stated.type != "void":
                self._check_result(stated, generated)
        owner = self._symbols.owner(entry)
        if owner is not None and self._symbols.home[owner.name] is not self._module:
            home = self._symbols.home[owner.name].name
            self._found.add(
                "SPEC045",
                f"'{entry.name}' is a method of {owner.name}, which the module '{home}' defines",
                entry.where("name"),
                f"move it to {home}.yaml",
            )
        if entry.kind == "property" and (owner is None or len(entry.params) != 1 or result is None):
            self._found.add(
                "SPEC046",
                "a property has one parameter, the object, and a result",
                entry.where("kind"),
            )
        if entry.kind == "constructor" and generated:
            self._check_constructor(entry)
        self._check_order(entry)

    def _check_constructor(self, entry: Callable) -> None:
        """Check that a constructor is that of a class of its module, and the only one."""
        made = self._symbols.made_by(entry)
        if made is None or made not in self._module.types:
            self._found.add(
                "SPEC112",
                f"there is no class '{entry.name}' in this module for a constructor to make",
                entry.where("name"),
                "name it like an object that has a `runtime` class, in the file of that",
            )
            return
        returns = effective.result(entry)
        if returns is None or returns.type != made.name:
            at = entry.where("kind") if returns is None else returns.where("type")
            hint = f"write `returns: {made.name}`"
            self._found.add("SPEC112", f"a constructor returns the {made.name}", at, hint)
        for param in entry.params:
            if param.mode == "out":
                self._found.add(
                    "SPEC112", "a constructor has no other result", param.where("mode"), "drop it"
                )
        first = self._symbols.callables[entry.name][0]
        if entry is not first:
            self._found.add(
                "SPEC112",
                f"'{entry.name}' has a constructor already",
                entry.where("name"),
                f"see {first.at.file}:{first.at.line}; write a function for another form",
            )

    def _check_order(self, entry: Callable) -> None:
        optional = extended = collected = False
        for param in entry.params:
            node = self._symbols.type_of(param)
            if node is not None and _is_collected(node):
                if collected:
                    self._misplaced(param, "a second `varargs`: Python collects arguments once")
                collected = True
            if param.mode == "out":
                if param.default is not None:
                    self._misplaced(param, "an `out` parameter becomes a result: it has no default")
                continue
            if not param.is_documented and not entry.extension and param.default is None:
                added = "an extension" if param.extension else "a later version's"
                self._misplaced(param, f"{added} parameter needs a default")
            if extended and not param.extension:
                self._misplaced(param, "extension parameters come last")
            if entry.extension and optional and param.default is None and not param.extension:
                self._misplaced(param, "a required parameter follows one with a default")
            extended = extended or param.extension
            optional = optional or param.default is not None

    def _check_changed(self, node: NimType, param: Param) -> None:
        """Report what Python cannot change in place, or what crosses as a copy."""
        strings = {*STRINGS - {_CHAR}, *self._symbols.mappings.data, "typed", "pointer"}
        match node:
            case ArrayOf(element=Named("char")) | SeveralOf("seq" | "openArray", Named("char")):
                is_possible = param.as_ != "text"
            case ArrayOf() | SeveralOf("seq" | "openArray"):
                is_possible = not any(
                    isinstance(part, SetOf)
                    or (isinstance(part, Named) and part.name in self._symbols.types)
                    for part in walk(node)
                )
            case Named(name):
                is_possible = name in strings and param.as_ != "text"
            case _:
                is_possible = False
        if is_possible:
            return
        self._found.add(
            "SPEC049",
            f"'{param.name}' cannot be changed in place",
            param.where("type"),
            "data can, and lists of numbers or strings; else say `mode: out`",
        )

    def _check_place(self, node: NimType, at: Position, *, is_param: bool) -> None:
        """Report what only parameters can be: any number of arguments, and open arrays."""
        for part in walk(node):
            if not isinstance(part, SeveralOf) or part.kind == "seq":
                continue
            if not is_param or part is not node:
                self._found.add(
                    "SPEC049",
                    f"`{part.kind}` is the type of a parameter, and of nothing else",
                    at,
                    "write seq[...]",
                )

    def _misplaced(self, param: Param, why: str) -> None:
        self._found.add("SPEC048", f"'{param.name}': {why}", param.where("name"))

    def _check_param(self, param: Param, generated: bool) -> None:
        if param.type is None:
            implied = self._symbols.type_of(param)
            if param.default is None or _implies_nothing(param.default):
                self._found.add(
                    "SPEC047",
                    f"'{param.name}' has no type, and no default that implies one",
                    param.at,
                    "add `type:`",
                )
            elif implied is not None and self._is_known(implied):
                self._check_node(implied, param.where("default"), generated, positions=False)
                self._check_strings(implied, param.as_, param, param.where("default"))
            return
        node = self.check_text(
            param.type, param.where("type"), generated, may_be_later=self._may_be_later(param)
        )
        if node is not None:
            self._check_place(node, param.where("type"), is_param=True)
            self._check_strings(node, param.as_, param, param.where("type"))
            if param.mode == "inout":
                self._check_changed(node, param)
            if _is_collected(node) and (param.mode != "in" or param.default is not None):
                self._misplaced(param, "`varargs` has neither a mode nor a default")

    def _is_known(self, implied: NimType) -> bool:
        """Tell whether an implied type exists; if not, the defaults' room reports it."""
        return not isinstance(implied, Named) or (
            implied.name in self._symbols.mappings.names or implied.name in self._symbols.types
        )

    def _check_result(self, result: Result, generated: bool) -> None:
        node = self.check_text(result.type, result.where("type"), generated)
        if node is not None:
            self._check_place(node, result.where("type"), is_param=False)
            self._check_strings(node, result.as_, result, result.where("type"))

    def _check_strings(
        self, node: NimType, meaning: StringMeaning | None, owner: Located, at: Position
    ) -> None:
        names = {part.name for part in walk(node) if isinstance(part, Named)}
        strings = names & STRINGS
        if strings - {_TAINTED} and meaning is None:
            self._found.add(
                "SPEC042",
                "a string needs `as`",
                at,
                "`as: text` for a name, path or address (str), `as: data` for bytes",
            )
        elif meaning is not None and strings == {_TAINTED} and meaning == "text":
            self._found.add(
                "SPEC042",
                "a TaintedString is data, never text",
                owner.where("as"),
                "leave `as` out",
            )
        elif meaning is not None and not strings and node != Named("typed"):
            self._found.add(
                "SPEC042", "`as` without a string in the type", owner.where("as"), "leave it out"
            )

    def _parse(self, text: str, at: Position) -> NimType | None:
        try:
            return parse_type(text)
        except NimSyntaxError as error:
            place = self._found.within(at, error.offset)
            self._found.add("SPEC040", f"not a type: {error.message}", place)
            return None

    def _may_be_later(self, param: Param) -> bool:
        """Tell whether a parameter can be of a type of a later module.

        Such a type is not there when the module is loaded: no default can be of it, and no value
        of it can be made; but what a call gives can cross to the runtime.
        """
        return param.mode == "in" and param.default is not None and _is_nothing(param.default)

    def check_text(
        self, text: str, at: Position, generated: bool, *, may_be_later: bool = False
    ) -> NimType | None:
        """Check a type's text; return it parsed, or None if it does not parse."""
        node = self._parse(text, at)
        if node is not None:
            self._check_node(node, at, generated, text, may_be_later=may_be_later)
        return node

    def _check_node(
        self,
        node: NimType,
        at: Position,
        generated: bool,
        text: str = "",
        positions: bool = True,
        *,
        may_be_later: bool = False,
    ) -> None:
        for part in walk(node):
            match part:
                case Named(name):
                    place = self._found.within(at, _offset(text, name)) if positions else at
                    self._check_name(name, place, generated, may_be_later=may_be_later)
                case SetOf(element):
                    self._check_set(element, at)
                case PythonType(python):
                    self._check_python(python, at, text)
                case GenericOf(name):
                    self._found.add(
                        "SPEC041",
                        f"no generic type '{name}' is known",
                        self._found.within(at, _offset(text, name)),
                        self._found.did_you_mean(
                            name, _GENERIC, f"use {', '.join(_GENERIC[:-1])} or {_GENERIC[-1]}"
                        ),
                    )
                case UnionOf(members) if not self._is_choice(members):
                    self._found.add(
                        "SPEC041",
                        "a choice is possible of types that are data, of Python types, "
                        "and of a proc type and void",
                        at,
                        "write one entry for each type",
                    )
                case _:
                    pass

    def _check_python(self, python: str, at: Position, text: str) -> None:
        """Check the text of a Python type."""
        known = {*self._symbols.types, *PYTHON_IMPORTS}
        for part, why in wrong_parts(python, known):
            self._found.add(
                "SPEC041",
                f"unknown type '{part}'" if why == UNKNOWN else f"'{part}' {why}",
                self._found.within(at, _offset(text, part)),
                self._found.did_you_mean(part, known) if why == UNKNOWN else "",
            )

    def _is_choice(self, members: tuple[NimType, ...]) -> bool:
        """Tell whether Python can have a choice of types: a proc that may be nil is one."""
        if members[1:] == (Named("void"),) and isinstance(members[0], Named):
            defined = self._symbols.types.get(members[0].name)
            return defined is not None and defined.kind == "proc"
        return all(
            isinstance(member, PythonType)
            or (isinstance(member, Named) and member.name in self._symbols.mappings.data)
            for member in members
        )

    def _check_set(self, element: NimType, at: Position) -> None:
        enum = self._symbols.types.get(element.name) if isinstance(element, Named) else None
        if enum is None and isinstance(element, Named):
            return
        if enum is None or enum.kind != "enum" or not enum.set:
            self._found.add(
                "SPEC041",
                "a set needs an enum with `set: true`",
                at,
                "mark the enum, or use a list",
            )

    def _check_name(self, name: str, at: Position, generated: bool, *, may_be_later: bool) -> None:
        if name in self._symbols.mappings.names:
            return
        defined = self._symbols.types.get(name)
        if defined is None:
            self._unknown(name, at)
            return
        home = self._symbols.home[name].name
        if defined.omit is not None and generated:
            self._found.add(
                "SPEC043",
                f"'{name}' is not generated, but this is",
                at,
                f"omit this too, or generate '{name}'",
            )
        is_object = defined.kind == "object" and defined.runtime is not None
        is_later = self._order[home] > self._order[self._module.name]
        if is_later and not (may_be_later and is_object):
            self._found.add(
                "SPEC044",
                f"'{name}' is a type of the module '{home}', which comes later",
                at,
                f"move this to {home}.yaml, or change the order in package.yaml; of a parameter "
                "that may be nothing, an object of the runtime's is possible",
            )

    def _unknown(self, name: str, at: Position) -> None:
        known = {*self._symbols.mappings.names, *self._symbols.types}
        hint = self._found.did_you_mean(name, known)
        self._found.add("SPEC041", f"unknown type '{name}'", at, hint, folds=True)


def _is_collected(node: NimType) -> bool:
    return isinstance(node, SeveralOf) and node.kind == "varargs"


def _is_nothing(default: str) -> bool:
    """Tell whether a default is nothing at all."""
    try:
        return isinstance(parse_default(default), NilLiteral | NoneOf)
    except NimSyntaxError:
        return False


def _implies_nothing(default: str) -> bool:
    """Tell whether a default is of many types: an empty set or list, or nil."""
    try:
        return parse_default(default) in (SetLiteral(()), ListLiteral(()), NilLiteral())
    except NimSyntaxError:
        return False


def _offset(text: str, name: str) -> int:
    return max(text.find(name), 0)
