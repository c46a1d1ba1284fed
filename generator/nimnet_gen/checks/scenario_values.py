"""The data of scenarios against Nim's types: what a step may give, and what a call can return."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nimnet_gen.checks.compatibility import fits, is_open
from nimnet_gen.checks.defaults import integer_range
from nimnet_gen.checks.scope import Scope
from nimnet_gen.checks.value_forms import (
    Anything,
    Count,
    Data,
    Fields,
    Form,
    Function,
    Malformed,
    Regex,
    System,
    The,
    form_of,
    forms_in,
    is_data,
    is_form,
    without_form,
)
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.surface import StringMeaning, Type
from nimnet_gen.naming.kinds import DATA, NUMBER, TEXT, Kind, kind_of_field, of_python
from nimnet_gen.naming.names import python_constant
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    Named,
    NimSyntaxError,
    OptionOf,
    PythonType,
    SetOf,
    SeveralOf,
    TupleOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.python_types import FLOATS, STRINGS, accepting_class
from nimnet_gen.naming.python_types import is_data as is_data_type
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position


class Values:
    """Tells what is wrong with a value for a type, in words, or None if nothing is."""

    def __init__(self, symbols: Symbols, found: Diagnostics) -> None:
        """Look types up in `symbols`; add ill-formed values to `found`."""
        self._symbols = symbols
        self._found = found

    def is_well_formed(
        self,
        value: Value,
        at: Position,
        scope: Scope,
        *,
        any_value: bool = False,
        count: bool = False,
    ) -> bool:
        """Report the forms in a value that are none, that are out of place, or that name nothing.

        Args:
            value: the value.
            at: where it is.
            scope: the names that it may use.
            any_value: whether {any: true} has its place here.
            count: whether {count: x} has.
        """
        faults = len(self._found)
        for found in forms_in(value):
            form = found
            if isinstance(found, Fields) and not self._are_of_a_record(found):
                form = without_form(found)
            match form:
                case Malformed(reason, hint):
                    self._found.add("SPEC089", reason, at, hint)
                case System(name) if name not in self._symbols.system:
                    self._found.add(
                        "SPEC089",
                        f"'{name}' is no known name of the system's",
                        at,
                        self._found.did_you_mean(
                            name,
                            self._symbols.system,
                            "list it under `system` in the file of types, with its module",
                        ),
                    )
                case Anything() if not any_value:
                    self._found.add(
                        "SPEC089",
                        "{any: true} has no place here",
                        at,
                        "it belongs in `returns` and `then`",
                    )
                case Count(name) if not count:
                    self._found.add(
                        "SPEC089",
                        f"{{count: {name}}} has no place here",
                        at,
                        "it belongs in the forms of an operation",
                    )
                case The(name) | Count(name) if name not in scope:
                    self._found.add(
                        "SPEC101",
                        f"'{name}' stands for nothing here",
                        at,
                        self._found.did_you_mean(
                            name, scope.names, "bind it by `as:` in a step before"
                        ),
                    )
        return len(self._found) == faults

    def misfit_of_results(self, value: Value, results: Sequence[Kind], scope: Scope) -> str | None:
        """Check a value against the results of a call."""
        if not results:
            return None if value is None else "it returns nothing"
        if len(results) == 1:
            return self.misfit(value, results[0], scope)
        return self._misfit_of_list(value, results, scope)

    def misfit(self, value: Value, wanted: Kind, scope: Scope) -> str | None:
        """Check a value against one type."""
        if isinstance(wanted.node, OptionOf):
            return self._misfit_of_option(value, wanted.node, wanted.meaning, scope)
        distinct = self._symbols.distinct_string(wanted.node)
        if distinct is not None and is_data(value):
            wanted = Kind(Named("string"), distinct.as_)
        record = self._symbols.record(wanted.node)
        if record is not None and not (isinstance(value, Mapping) and is_form(value)):
            return self._misfit_of_record(value, record, scope)
        if isinstance(value, Mapping):
            return self._misfit_of_form(form_of(value), wanted, scope)
        match wanted.node:
            case Named(name):
                return self._misfit_of_name(value, name, wanted.meaning)
            case SetOf(Named(name)):
                return self._misfit_of_set(value, name)
            case TupleOf():
                return self._misfit_of_list(value, wanted.items(self._symbols.mappings), scope)
            case ArrayOf() | SeveralOf() if is_data_type(wanted.node):
                return None if is_data(value) else f"data is expected, not {_show(value)}"
            case ArrayOf(element=element) | SeveralOf(_, element):
                return self._misfit_of_several(value, Kind(element, wanted.meaning), scope)
            case UnionOf(members):
                reasons = [
                    self.misfit(value, Kind(member, wanted.meaning), scope) for member in members
                ]
                return None if None in reasons else reasons[0]
            case PythonType() if (known := of_python(wanted.node)) is not None:
                return self.misfit(value, known, scope)
            case PythonType(text) if "." in text and "[" not in text:
                return _misfit_of_class(value, text)
            case _:
                return None

    def _are_of_a_record(self, fields: Fields) -> bool:
        """Tell whether some record has all of the fields."""
        return any(
            fields.values.keys() <= {part.name for part in defined.public_fields}
            for defined in self._symbols.types.values()
            if defined.is_record
        )

    def _misfit_of_option(
        self, value: Value, node: OptionOf, meaning: StringMeaning | None, scope: Scope
    ) -> str | None:
        if value is None:
            return None
        if isinstance(value, Mapping) and is_form(value):
            return self._misfit_of_form(form_of(value), Kind(node, meaning), scope)
        return self.misfit(value, Kind(node.element, meaning), scope)

    def _misfit_of_several(self, value: Value, element: Kind, scope: Scope) -> str | None:
        if element.name == "char" and isinstance(value, str):
            return None
        if not isinstance(value, tuple):
            return f"a list is expected, not {_show(value)}"
        wrong = (self.misfit(item, element, scope) for item in value)
        return next((reason for reason in wrong if reason is not None), None)

    def _misfit_of_record(self, value: Value, record: Type, scope: Scope) -> str | None:
        fields = record.public_fields
        if record.kind == "tuple" and isinstance(value, tuple):
            kinds = [kind for part in fields if (kind := kind_of_field(part)) is not None]
            return self._misfit_of_list(value, kinds, scope)
        known = ", ".join(part.name for part in fields)
        if not isinstance(value, Mapping):
            return (
                f"the fields of {_article(record.name)} are expected ({known}), not {_show(value)}"
            )
        for name in value:
            if name not in {part.name for part in fields}:
                return f"{_article(record.name)} has no field '{name}', it has {known}"
        for part in fields:
            kind = kind_of_field(part)
            if part.name not in value:
                if part.default is None:
                    return f"{_article(record.name)} needs the field '{part.name}'"
            elif kind is not None:
                wrong = self.misfit(value[part.name], kind, scope)
                if wrong is not None:
                    return f"its '{part.name}': {wrong}"
        return None

    def _misfit_of_form(self, form: Form, wanted: Kind, scope: Scope) -> str | None:
        if isinstance(wanted.node, UnionOf):
            reasons = [
                self._misfit_of_form(form, Kind(member, wanted.meaning), scope)
                for member in wanted.node.members
            ]
            return None if None in reasons else reasons[0]
        match form:
            case The(name):
                kind = scope.kind(name)
                if kind is None or fits(kind, wanted, self._symbols):
                    return None
                return f"{self._words(wanted)} is expected, but '{name}' is {self._words(kind)}"
            case Function():
                return self._misfit_of_function(form, wanted, scope)
        if self._has_place(form, wanted):
            return None
        return f"{self._words(wanted)} is expected, not a mapping"

    def _has_place(self, form: Form, wanted: Kind) -> bool:
        """Tell whether a form that knows its own kind can stand there; others fit anywhere."""
        match form:
            case Fields():
                return is_open(wanted)
            case Count():
                return fits(NUMBER, wanted, self._symbols)
            case Regex():
                return is_open(wanted)
            case System():
                return is_open(wanted) or integer_range(wanted.name, self._symbols) is not None
            case Data(is_text):
                return (is_text and fits(TEXT, wanted, self._symbols)) or fits(
                    DATA, wanted, self._symbols
                )
        return True

    def _misfit_of_function(self, form: Function, wanted: Kind, scope: Scope) -> str | None:
        if is_open(wanted):
            return None
        defined = self._symbols.types.get(wanted.name)
        if defined is None or defined.kind != "proc":
            return f"{self._words(wanted)} is expected, not a function"
        if "gives" not in form.keys:
            return None
        given = _kind_of_result(defined)
        wrong = self.misfit(form.gives, given, scope) if given is not None else None
        if wrong is not None:
            return f"what it gives: {wrong}"
        if "takes" in form.keys:
            for param in defined.params[:1]:
                node = self._symbols.type_of(param)
                taken = Kind(node, param.as_) if node is not None else None
                wrong = self.misfit(form.takes, taken, scope) if taken is not None else None
        return None if wrong is None else f"what it takes: {wrong}"

    def _misfit_of_list(self, value: Value, wanted: Sequence[Kind], scope: Scope) -> str | None:
        if isinstance(value, Mapping):
            together = TupleOf(tuple(kind.node for kind in wanted))
            return self._misfit_of_form(form_of(value), Kind(together), scope)
        if not isinstance(value, tuple) or len(value) != len(wanted):
            given = f"of {len(value)}" if isinstance(value, tuple) else _show(value)
            return f"a list of {len(wanted)} values is expected, not {given}"
        wrong = (self.misfit(item, kind, scope) for item, kind in zip(value, wanted, strict=True))
        return next((reason for reason in wrong if reason is not None), None)

    def _misfit_of_name(self, value: Value, name: str, meaning: StringMeaning | None) -> str | None:
        limits = integer_range(name, self._symbols)
        if limits is not None:
            return self._misfit_of_integer(value, limits)
        if name == "bool":
            return (
                None
                if isinstance(value, bool)
                else f"true or false is expected, not {_show(value)}"
            )
        if name in FLOATS:
            is_number = isinstance(value, int | float) and not isinstance(value, bool)
            return None if is_number else f"a number is expected, not {_show(value)}"
        if name == "char":
            is_one = isinstance(value, str) and len(value.encode()) == 1
            return None if is_one else f"one character is expected, not {_show(value)}"
        if (distinct := self._symbols.distinct_string(Named(name))) is not None:
            return self._misfit_of_name(value, "string", distinct.as_)
        if name == "void":
            return None if value is None else f"null is expected, not {_show(value)}"
        if name == "pointer":
            # A buffer is given by its content, or by its size alone.
            if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
                return None
            return None if is_data(value) else f"a text or a size is expected, not {_show(value)}"
        if name in STRINGS and meaning == "text":
            return None if isinstance(value, str) else f"a text is expected, not {_show(value)}"
        if name in self._symbols.mappings.data or name in (*STRINGS, "typed"):
            return None if is_data(value) else f"data is expected, not {_show(value)}"
        defined = self._symbols.types.get(name)
        if defined is None:
            return None
        if defined.kind == "enum":
            return self._misfit_of_member(value, name)
        if isinstance(value, str) and name in self._symbols.parsers:
            return None
        if defined.kind == "proc":
            return (
                f"{{gives: ...}}, {{fails: ...}} or {{the: name}} is expected, not {_show(value)}"
            )
        return f"{{the: name}} of {_article(name)} is expected, not {_show(value)}"

    def _misfit_of_integer(self, value: Value, limits: tuple[int, int]) -> str | None:
        if isinstance(value, str) and value in self._symbols.consts:
            implied = self._symbols.const_type(self._symbols.consts[value])
            if isinstance(implied, Named) and implied.name in self._symbols.mappings.integers:
                return None
        if isinstance(value, bool) or not isinstance(value, int):
            return f"a whole number is expected, not {_show(value)}"
        if not limits[0] <= value <= limits[1]:
            return f"a number from {limits[0]} to {limits[1]} is expected, not {value}"
        return None

    def _misfit_of_member(self, value: Value, enum: str) -> str | None:
        members = self._symbols.types[enum].members
        names = {name for member in members for name in (member.name, python_constant(member))}
        if isinstance(value, str) and value in names:
            return None
        return f"a member of {enum} is expected, not {_show(value)}"

    def _misfit_of_set(self, value: Value, enum: str) -> str | None:
        if not isinstance(value, tuple):
            return f"a list of members of {enum} is expected, not {_show(value)}"
        if enum not in self._symbols.types:
            return None
        wrong = (self._misfit_of_member(item, enum) for item in value)
        return next((reason for reason in wrong if reason is not None), None)

    def is_number_of(self, value: Value, kind: Kind) -> bool:
        """Tell whether a value is a number, as which a member of an enum can be looked at."""
        defined = self._symbols.types.get(kind.name)
        if defined is None or defined.kind != "enum" or defined.set:
            return False
        if isinstance(value, Mapping):
            return isinstance(form_of(value), System)
        return isinstance(value, int) and not isinstance(value, bool)

    def _words(self, kind: Kind) -> str:
        """Return what a kind is, for a message."""
        match kind.node:
            case Named(name) if name in self._symbols.mappings.integers:
                return "a whole number"
            case Named("bool"):
                return "true or false"
            case Named("char"):
                return "one character"
            case Named("string") if kind.meaning == "text":
                return "a text"
            case Named(name) if name in STRINGS or name in self._symbols.mappings.data:
                return "data"
            case Named("pointer"):
                return "a text or a size"
            case OptionOf(element):
                return f"{self._words(Kind(element, kind.meaning))} or null"
            case ArrayOf() | SeveralOf():
                if is_data_type(kind.node):
                    return "data"
                each = Kind(kind.node.element, kind.meaning)
                return f"a list (each: {self._words(each)})"
            case Named(name) if name in FLOATS:
                return "a number"
            case SetOf(Named(name)):
                return f"a list of members of {name}"
            case Named("void"):
                return "nothing"
            case Named(name):
                return _article(name)
        return "a list" if isinstance(kind.node, TupleOf) else "another type"


def _kind_of_result(defined: Type) -> Kind | None:
    """Return what a callback gives; None for nothing, or where its type is faulty."""
    if defined.returns is None:
        return None
    try:
        return Kind(parse_type(defined.returns.type), defined.returns.as_)
    except NimSyntaxError:
        return None


def _show(value: Value) -> str:
    """Return a value for a message."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, str):
        return f"'{value if len(value) <= 40 else value[:40] + '...'}'"
    if isinstance(value, Mapping):
        return "a mapping"
    return "a list" if isinstance(value, tuple) else str(value)


def _misfit_of_class(value: Value, name: str) -> str | None:
    if isinstance(value, str) and accepting_class((name,), value) is not None:
        return None
    return f"the text of an {name} is expected, not {_show(value)}"


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"
