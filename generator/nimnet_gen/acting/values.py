"""The values of scenarios, resolved: what each stands for at the place where it is written."""

from __future__ import annotations

from collections.abc import Mapping

from nimnet_gen.acting.resolved import (
    Answering,
    Anything,
    Character,
    Constant,
    Converted,
    Count,
    Data,
    Failing,
    Flags,
    Items,
    Member,
    Memory,
    Optional,
    Parsed,
    Plain,
    PythonObject,
    Record,
    Reference,
    Regex,
    Resolved,
    Scope,
    Several,
    SystemNumber,
    Text,
    held,
)
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.surface import EnumMember, Type
from nimnet_gen.naming.kinds import DATA, NUMBER, TEXT, Kind, kind_of_field, of_python
from nimnet_gen.naming.names import python_constant
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    Named,
    OptionOf,
    PythonType,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.python_types import FLOATS, STRINGS
from nimnet_gen.naming.symbols import Symbols


def value_is_data(value: Value) -> bool:
    """Tell whether a value is written as bytes are, in a form."""
    return isinstance(value, Mapping) and not value.keys().isdisjoint(("hex", "repeat"))


def data_of(value: Value) -> Data:
    """Return the bytes that a peer's script or a form writes."""
    if isinstance(value, Mapping):
        if "hex" in value:
            return Data(bytes.fromhex(str(value["hex"])))
        return Data(str(value["repeat"]).encode(), _times(value))
    return Data(str(value).encode())


def _times(value: Mapping[str, Value]) -> int:
    times = value["times"]
    assert isinstance(times, int), "the checks let no other value pass"
    return times


class Values:
    """Resolves values against the types of their places."""

    def __init__(self, symbols: Symbols) -> None:
        """Look names up in `symbols`."""
        self._symbols = symbols

    def resolve(self, value: Value, kind: Kind | None, scope: Scope) -> Resolved:
        """Return what a value stands for.

        Args:
            value: As the specification writes it.
            kind: The type of its place, or None where none is demanded.
            scope: The names it may use.
        """
        classes = _python_classes(kind)
        if classes and isinstance(value, str):
            return PythonObject(classes, value)
        kind = _builtin(value, kind)
        kind = _characters(_something(kind))
        if kind is not None and not (isinstance(value, Mapping) and "the" in value):
            made = self._made(value, kind, scope)
            if made is not None:
                return made
        if isinstance(value, Mapping):
            return self._structured(value, kind, scope)
        if isinstance(value, tuple):
            return self._sequence(value, kind, scope)
        return self._scalar(value, kind, scope)

    def _made(self, value: Value, kind: Kind, scope: Scope) -> Resolved | None:
        """Return a value of a type that is made of others; None for one of any other type."""
        if isinstance(kind.node, OptionOf):
            element = kind.node.element
            inner = None
            if value is not None:
                inner = self.resolve(value, Kind(element, kind.meaning), scope)
            return Optional(inner, element)
        if isinstance(value, tuple) and isinstance(kind.node, SeveralOf | ArrayOf):
            element = kind.node.element
            items = (self.resolve(item, Kind(element, kind.meaning), scope) for item in value)
            return Several(tuple(items), element)
        if kind.name == "char" and isinstance(value, str):
            return Character(value, kind.meaning == "data")
        if (record := self._symbols.record(kind.node)) is not None:
            return self._record(value, record, scope)
        distinct = self._symbols.distinct_string(kind.node)
        if distinct is not None and (isinstance(value, str) or value_is_data(value)):
            inner = self.resolve(value, Kind(Named("string"), distinct.as_), scope)
            return Converted(distinct, inner)
        return None

    def _record(self, value: Value, record: Type, scope: Scope) -> Resolved | None:
        fields = {part.name: part for part in record.public_fields}
        if isinstance(value, tuple):
            value = dict(zip(fields, value, strict=True))
        if not isinstance(value, Mapping) or not value.keys() <= fields.keys():
            return None
        return Record(
            record,
            tuple(
                (part, held(self.resolve(value[name], kind_of_field(part), scope)))
                for name, part in fields.items()
                if name in value
            ),
        )

    def kind_of(self, value: Value, scope: Scope) -> Kind | None:
        """Return the type of a value that stands alone, or None if it has none of its own."""
        match value:
            case {"the": str(name)}:
                return self.kind_of_name(name, scope)
            case {"gives": gives}:
                callback = self._callback(gives, None)
                return Kind(Named(callback.name)) if callback is not None else None
            case {"hex": _}:
                return DATA
            case {"repeat": _} | str():
                return TEXT
            case bool():
                return Kind(Named("bool"))
            case float():
                return Kind(Named("float"))
            case int() | {"system": _}:
                return NUMBER
            case _:
                return None

    def kind_of_name(self, name: str, scope: Scope) -> Kind | None:
        """Return the type of what a name stands for."""
        if name in scope:
            return scope[name].kind
        if name in self._symbols.consts:
            node = self._symbols.const_type(self._symbols.consts[name])
            return Kind(node, "text") if node is not None else None
        found = self._member(name)
        return Kind(Named(found.type.name)) if found is not None else None

    def _structured(self, value: Mapping[str, Value], kind: Kind | None, scope: Scope) -> Resolved:
        match value:
            case {"the": str(name)}:
                return self._converted(
                    self._name(name, scope), self.kind_of_name(name, scope), kind
                )
            case {"any": _}:
                return Anything()
            case {"regex": str(pattern)}:
                return Regex(pattern)
            case {"system": str(name)}:
                return self._converted(SystemNumber(name), NUMBER, kind)
            case {"count": str(name)}:
                return Count(name)
            case {"fails": words}:
                return Failing(self._wanted(kind), str(words))
            case {"gives": gives}:
                callback = self._callback(gives, kind)
                assert callback is not None, "the checks let no other value pass"
                answer = self.resolve(gives, _answer(callback), scope)
                return Answering(callback, answer, self._taken(value, callback, scope))
        if kind is not None and self._is_text(kind):
            return Text(str(value["repeat"]), _times(value))
        data = data_of(value)
        return Memory(data) if kind is not None and kind.name == "pointer" else data

    def _taken(self, value: Mapping[str, Value], callback: Type, scope: Scope) -> Resolved | None:
        """Return the argument that a callback wants; None for whatever comes."""
        if "takes" not in value or not callback.params:
            return None
        param = callback.params[0]
        node = self._symbols.type_of(param)
        kind = Kind(node, param.as_) if node is not None else None
        return self.resolve(value["takes"], kind, scope)

    def _sequence(self, value: tuple[Value, ...], kind: Kind | None, scope: Scope) -> Resolved:
        match kind:
            case Kind(TupleOf()):
                pairs = zip(value, kind.items(self._symbols.mappings), strict=True)
                return Items(tuple(self.resolve(item, of, scope) for item, of in pairs))
            case Kind(SetOf(Named(name))):
                return self._flags(value, name)
            case Kind(Named(name)) if name in self._symbols.types:
                return self._flags(value, name)
            case Kind(PythonType(text)):
                item = TEXT if "str" in text else DATA
                return Items(tuple(self.resolve(v, item, scope) for v in value), is_list=True)
        return Items(tuple(self.resolve(v, None, scope) for v in value), is_list=True)

    def _scalar(
        self, value: str | int | float | bool | None, kind: Kind | None, scope: Scope
    ) -> Resolved:
        if kind is None:
            return Text(value) if isinstance(value, str) else Plain(value)
        if isinstance(kind.node, SetOf) and isinstance(kind.node.element, Named):
            return self._flags((value,), kind.node.element.name)
        if isinstance(kind.node, ArrayOf | SeveralOf) and isinstance(value, str):
            return data_of(value)
        if kind.name == "pointer":
            return Memory(data_of(value) if isinstance(value, str) else Plain(value))
        if kind.name in FLOATS and isinstance(value, int) and not isinstance(value, bool):
            return Plain(float(value))
        defined = self._symbols.types.get(kind.name)
        if isinstance(value, str):
            return self._word(value, kind, defined, scope)
        if defined is not None and defined.kind in ("distinct", "enum") and value is not None:
            return Converted(defined, Plain(value))
        return Plain(value)

    def _word(self, value: str, kind: Kind, defined: Type | None, scope: Scope) -> Resolved:
        if defined is not None and defined.kind == "enum":
            if defined.set:
                return self._flags((value,), defined.name)
            return Member(defined, _member(defined, value))
        if defined is not None and defined.kind == "object":
            return Parsed(self._symbols.parsers[defined.name], value)
        if kind.name in self._symbols.mappings.integers or (
            defined is not None and defined.kind == "distinct"
        ):
            return self._converted(self._name(value, scope), self.kind_of_name(value, scope), kind)
        return Text(value) if self._is_text(kind) else data_of(value)

    def _is_text(self, kind: Kind) -> bool:
        if kind.name == "TaintedString" or kind.name in self._symbols.mappings.data:
            return False
        if kind.name in STRINGS:
            return kind.meaning != "data"
        return kind.name == "RootRef"

    def _flags(self, value: tuple[Value, ...], name: str) -> Flags:
        defined = self._symbols.types[name]
        return Flags(defined, tuple(_member(defined, item) for item in value))

    def _name(self, name: str, scope: Scope) -> Resolved:
        if name in scope:
            return Reference(name, scope[name].origin, scope[name].kind.name)
        if name in self._symbols.consts:
            return Constant(self._symbols.consts[name])
        found = self._member(name)
        assert found is not None, f"the checks let no unknown name pass: {name}"
        return found

    def _member(self, name: str) -> Member | None:
        qualifier, _, bare = name.rpartition(".")
        for defined, member in self._symbols.members.get(bare, ()):
            if qualifier in ("", defined.name):
                return Member(defined, member)
        return None

    def _converted(self, value: Resolved, has: Kind | None, wanted: Kind | None) -> Resolved:
        """Return a number as a value of the distinct type or enum that is wanted, or as memory."""
        if wanted is None or has is None:
            return value
        if wanted.name == "pointer":
            return Memory(value)
        if has.name not in self._symbols.mappings.integers:
            return value
        defined = self._symbols.types.get(wanted.name)
        if defined is None or defined.kind not in ("distinct", "enum"):
            return value
        return Converted(defined, value)

    def _callback(self, gives: Value, kind: Kind | None) -> Type | None:
        """Return the type of a callback: the wanted one, or the one with such an answer."""
        if (wanted := self._wanted(kind)) is not None:
            return wanted
        for defined in self._symbols.types.values():
            if defined.kind == "proc" and defined.returns is not None:
                is_pair = isinstance(parse_type(defined.returns.type), TupleOf)
                if is_pair == isinstance(gives, tuple):
                    return defined
        return None

    def _wanted(self, kind: Kind | None) -> Type | None:
        return self._symbols.types.get(kind.name) if kind is not None else None


def _python_classes(kind: Kind | None) -> tuple[str, ...]:
    """Return the classes of Python's modules that a value may be of; none unless it must be."""
    if kind is None:
        return ()
    nodes = kind.node.members if isinstance(kind.node, UnionOf) else (kind.node,)
    classes = tuple(
        node.text
        for node in nodes
        if isinstance(node, PythonType) and "." in node.text and "[" not in node.text
    )
    return classes if len(classes) == len(nodes) else ()


def _builtin(value: Value, kind: Kind | None) -> Kind | None:
    """Return the kind of a value that may be of several types of Python's own."""
    if kind is None:
        return None
    nodes = kind.node.members if isinstance(kind.node, UnionOf) else (kind.node,)
    known = [found for node in nodes if (found := of_python(node)) is not None]
    if isinstance(value, str):
        known = [found for found in known if found in (DATA, TEXT)]
    return known[0] if known and not isinstance(value, Mapping) else kind


def _something(kind: Kind | None) -> Kind | None:
    """Return the type of a value of an optional type that is there."""
    if kind is None or not isinstance(kind.node, UnionOf):
        return kind
    return Kind(next(node for node in kind.node.members if node != Named("void")), kind.meaning)


def _characters(kind: Kind | None) -> Kind | None:
    """Return the type of several characters, which are written as one string."""
    match kind:
        case Kind(ArrayOf(element=Named("char")) | SeveralOf(_, Named("char")), meaning):
            return Kind(Named("string"), meaning)
    return kind


def _answer(callback: Type) -> Kind | None:
    result = callback.returns
    return Kind(parse_type(result.type), result.as_) if result is not None else None


def _member(defined: Type, value: Value) -> EnumMember:
    """Return the member that a scenario names as Nim does, or as Python."""
    return next(
        member for member in defined.members if value in (member.name, python_constant(member))
    )
