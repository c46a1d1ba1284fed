"""Values of scenarios as Nim expressions."""

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
    Resolved,
    Several,
    SystemNumber,
    Text,
)
from nimnet_gen.model.surface import ObjectField, Param
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    Named,
    NimType,
    OptionOf,
    PythonType,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.plan.oracle.scope import InexpressibleError, OriginalNames
from nimnet_gen.plan.oracle.source import character, identifier, literal


class NimValues:
    """Writes values; which types are numbers, and which hold data, the specification says."""

    def __init__(self, symbols: Symbols, names: OriginalNames) -> None:
        """Write values of the types that `symbols` has; `names` are the original's."""
        self.names = names
        self._symbols = symbols
        distinct = {name for name, one in symbols.types.items() if one.kind == "distinct"}
        self._numbers = frozenset({*symbols.mappings.integers, *distinct} - {"int"})
        self._stored = symbols.mappings.data

    def expression(
        self,
        value: Resolved,
        node: NimType | None,
        arguments: Mapping[str, Resolved] | None = None,
    ) -> str:
        """Return the expression for a value.

        Args:
            value: The value.
            node: Nim's type of its place, or None where a value is only compared.
            arguments: Within a form of an operation, what the operation is given.

        Raises:
            InexpressibleError: Nim has no such value.
        """
        match value:
            case Reference(name, "argument") if arguments is not None and name in arguments:
                return self.expression(arguments[name], node)
            case Count(name) if arguments is not None:
                return f"{self.expression(arguments[name], None)}.len"
            case Text() | Data():
                return self._wrapped(string(value), node)
            case Items(items):
                nodes = node.items if isinstance(node, TupleOf) else (None,) * len(items)
                pairs = zip(items, nodes, strict=True)
                return f"({', '.join(self.expression(i, n, arguments) for i, n in pairs)})"
            case Character(content):
                return character(content)
            case Several(items, element):
                parts = [self.expression(item, element, arguments) for item in items]
                return f"@[{', '.join(parts)}]" if parts else f"newSeq[{declared(element)}]()"
            case Optional(None, element):
                return f"none({declared(element)})"
            case Optional(inner, element) if inner is not None:
                return f"some({self.expression(inner, element, arguments)})"
            case Record(defined, fields):
                parts = [f"{part.name}: {self._field(part, item)}" for part, item in fields]
                name = "" if defined.kind == "tuple" else defined.name
                return f"{name}({', '.join(parts)})"
            case Member(defined, member):
                return self._number(f"{defined.name}.{self.names.member(defined, member)}", node)
            case Flags(defined, members):
                parts = [
                    f"{defined.name}.{self.names.member(defined, member)}" for member in members
                ]
                return f"{{{', '.join(parts)}}}"
            case Parsed(parser, text):
                return f"{parser.name}({literal(text.encode())})"
            case Converted(defined, inner):
                return f"{defined.name}({self.expression(inner, None, arguments)})"
            case Answering() | Failing():
                return self._callback(value, arguments)
            case Anything():
                return "anything"
            case Memory():
                raise InexpressibleError("memory without a call that uses it")
        return self._number(self._simple(value), node)

    def _field(self, part: ObjectField, value: Resolved) -> str:
        return self.expression(value, parse_type(part.type))

    def typed(self, value: Resolved, node: NimType) -> str:
        """Return the expression for a value that stands alone; a proc gets the type that it has.

        Raises:
            InexpressibleError: Nim has no such value.
        """
        if isinstance(value, Answering | Failing):
            return f"{declared(node)}{self._callback(value, None)}"
        return self.expression(value, None)

    def is_optional(self, param: Param) -> bool:
        """Tell whether a parameter may be given none, as it is documented."""
        return isinstance(self._symbols.type_of(param), OptionOf)

    def _simple(self, value: Resolved) -> str:
        match value:
            case Plain(None):
                return "nil"
            case Plain(bool(answer)):
                return str(answer).lower()
            case Plain(number):
                return str(number)
            case SystemNumber(name):
                return f'numberOf("{name}")'
            case Constant(const):
                return self.names.value(const)
            case PythonObject():
                raise InexpressibleError("an object of a type that only Python has")
            case Reference(name, "stage", kind):
                return self.names.on_stage(name, kind)
            case Reference(name):
                return identifier(name)
        raise InexpressibleError(f"a value that Nim lacks: {value}")

    def _number(self, text: str, node: NimType | None) -> str:
        """Return a number or a reference as the type that its place wants."""
        if not isinstance(node, Named) or text == "nil":
            return text
        if node.name == "RootRef":
            return f"boxed({text})"
        return f"{node.name}({text})" if node.name in self._numbers else text

    def _wrapped(self, text: str, node: NimType | None) -> str:
        """Return a string as the object that its place wants."""
        members = node.members if isinstance(node, UnionOf) else (node,)
        names = {member.name for member in members if isinstance(member, Named)}
        if names & self._stored:
            return f"storage({text})"
        return f"boxed({text})" if "RootRef" in names else text

    def _callback(
        self, value: Answering | Failing, arguments: Mapping[str, Resolved] | None
    ) -> str:
        if value.type is None or value.type.returns is None or len(value.type.params) != 1:
            raise InexpressibleError("a callback of no type that Nim knows")
        (param,) = value.type.params
        signature = f"proc({param.name}: {param.type}): {value.type.returns.type}"
        if isinstance(value, Failing):
            words = literal(value.words.encode())
            return f"({signature} = raise newException(ValueError, {words}))"
        given = self.expression(value.gives, None, arguments)
        if value.takes is None:
            return f"({signature} = {given})"
        wanted = self.expression(value.takes, None, arguments)
        return f"({signature} = (if {param.name} == {wanted}: {given} else: refuse({param.name})))"


def string(value: Text | Data) -> str:
    """Return a text or bytes as a string."""
    content = value.content.encode() if isinstance(value, Text) else value.content
    return literal(content) if value.times == 1 else f"{literal(content)}.repeat({value.times})"


def declared(node: NimType) -> str:
    """Return a type as a declaration has it.

    Raises:
        InexpressibleError: it is one of Python's, or Nim keeps it to itself.
    """
    match node:
        case Named("TaintedString"):
            return "string"
        case Named(name):
            return name
        case UnionOf(members):
            return declared(members[0])
        case TupleOf(items):
            return f"({', '.join(map(declared, items))})"
        case SetOf(element):
            return f"set[{declared(element)}]"
        case SeveralOf(_, element):
            return f"seq[{_inside(element)}]"
        case OptionOf(element):
            return f"Option[{_inside(element)}]"
        case ArrayOf(low, high, element):
            return f"array[{low} .. {high}, {declared(element)}]"
        case PythonType():
            raise InexpressibleError("an object of a type that only Python has")
    raise InexpressibleError("a value of a type that Nim does not export")


def _inside(node: NimType) -> str:
    """Return a type that another is made of: there, tuples are one only by the same names."""
    if isinstance(node, TupleOf) and node.names:
        parts = zip(node.names, node.items, strict=True)
        return f"tuple[{', '.join(f'{name}: {declared(item)}' for name, item in parts)}]"
    return declared(node)
