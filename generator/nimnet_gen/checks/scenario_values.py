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
    Form,
    Function,
    Malformed,
    System,
    The,
    form_of,
    forms_in,
    is_data,
)
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.surface import StringMeaning, Type
from nimnet_gen.naming.kinds import DATA, NUMBER, TEXT, Kind
from nimnet_gen.naming.names import python_constant
from nimnet_gen.naming.nimtypes import (
    ArrayOf,
    GenericOf,
    Named,
    NimSyntaxError,
    PythonType,
    SetOf,
    TupleOf,
    UnionOf,
    parse_type,
)
from nimnet_gen.naming.python_types import STRINGS, accepting_class
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
        for form in forms_in(value):
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
        if isinstance(value, Mapping):
            return self._misfit_of_form(form_of(value), wanted, scope)
        match wanted.node:
            case Named(name):
                return self._misfit_of_name(value, name, wanted.meaning)
            case SetOf(Named(name)):
                return self._misfit_of_set(value, name)
            case TupleOf():
                return self._misfit_of_list(value, wanted.items(self._symbols.mappings), scope)
            case ArrayOf():
                return None if is_data(value) else f"data is expected, not {_show(value)}"
            case UnionOf(members):
                reasons = [
                    self.misfit(value, Kind(member, wanted.meaning), scope) for member in members
                ]
                return None if None in reasons else reasons[0]
            case PythonType(text) if "." in text:
                return _misfit_of_class(value, text)
            case PythonType() | GenericOf() | SetOf():  # pragma: no branch - the last case
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
            case Count():
                return fits(NUMBER, wanted, self._symbols)
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
            case Named("string") if kind.meaning == "text":
                return "a text"
            case Named(name) if name in STRINGS or name in self._symbols.mappings.data:
                return "data"
            case Named("pointer"):
                return "a text or a size"
            case ArrayOf():
                return "data"
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
