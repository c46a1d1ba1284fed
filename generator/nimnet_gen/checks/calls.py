"""What a scenario's step or an operation's form calls, and whether its arguments fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nimnet_gen.checks.compatibility import fits
from nimnet_gen.checks.scenario_values import Values
from nimnet_gen.checks.scope import Scope
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import OperationForm, Step
from nimnet_gen.model.references import NoOverloadError, reference
from nimnet_gen.model.surface import Callable, ObjectField, Type
from nimnet_gen.naming import effective, names
from nimnet_gen.naming.kinds import Kind, kind_of_field
from nimnet_gen.naming.nimtypes import Named, UnionOf
from nimnet_gen.naming.python_types import annotation
from nimnet_gen.naming.signatures import Argument, Signature, signature
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_WRONG_MEMBER: Final = "AttributeError"
"""What reading a field raises that the object's variant does not have."""


@dataclass(frozen=True)
class Called:
    """A callable, or a field that is read, as a step sees it."""

    name: str
    owner: Type | None
    arguments: Mapping[str, Argument]
    results: tuple[Kind, ...]
    contract: tuple[str, ...]
    omitted: bool
    named: Mapping[str, Kind]
    """The results that are parameters with `mode: out`, by their names."""

    @property
    def changeable(self) -> tuple[str, ...]:
        """The arguments that the call fills or changes in place."""
        return tuple(
            name
            for name, argument in self.arguments.items()
            if argument.param.mode == "inout" or argument.type == Named("pointer")
        )


class Calls:
    """Finds what is called, and collects names that nothing has."""

    def __init__(self, symbols: Symbols, values: Values, found: Diagnostics) -> None:
        """Look names up in `symbols`."""
        self._symbols = symbols
        self._values = values
        self._found = found
        self._unknown: dict[str, list[Position]] = {}
        self._known: dict[Callable, Called | None] = {}
        self._fields = _fields(symbols)
        self._readable = self._all_readable()
        self._readable_of_any = {
            name: given for known in self._readable.values() for name, given in known.items()
        }

    def find(self, caller: Step | OperationForm, call: str, on: Kind | None) -> Called | None:
        """Return what a `call` means, or None if that is reported or another room's fault.

        Args:
            caller: what has the `call` and its `with`.
            call: the name, with the number of an overload or without.
            on: what is known of the object, if one is named.
        """
        at = caller.where("call")
        meant = reference(call)
        overloads = self._symbols.called(meant.name)
        if not overloads:
            if on is not None and isinstance(on.node, Named):
                field = self._fields.get(on.node.name, {}).get(meant.name)
                if field is not None and not meant.number:
                    return field
            self._unknown.setdefault(meant.name, []).append(at)
            return None
        try:
            numbered = meant.of(overloads)
        except NoOverloadError as error:
            self._found.add("SPEC083", error.message, at, error.hint)
            return None
        entry = numbered or self._chosen(overloads, caller.with_, on)
        if entry not in self._known:
            self._known[entry] = self._called(entry)
        return self._known[entry]

    def _chosen(
        self, overloads: tuple[Callable, ...], given: Mapping[str, Value], on: Kind | None
    ) -> Callable:
        """Return the first overload of the object's class whose names fit what is given.

        Where none fits it is the first of that class, and of all where the class has none.
        """
        owners = [(self._symbols.owner(entry), entry) for entry in overloads]
        ours = [entry for owner, entry in owners if owner and on and owner.name == on.name]
        overloads = tuple(ours) or overloads
        for entry in overloads:
            form = signature(entry, self._symbols)
            if form is None:
                continue
            required = {arg.param.name for arg in form.arguments if arg.required}
            if required <= given.keys() <= {arg.param.name for arg in form.arguments}:
                return entry
        return overloads[0]

    def _called(self, entry: Callable) -> Called | None:
        form = signature(entry, self._symbols)
        if form is None:
            return None
        outs = [param.name for param in effective.params(entry) if param.mode == "out"]
        results = _kinds(form)
        return Called(
            entry.name,
            form.owner,
            {argument.param.name: argument for argument in form.arguments},
            results,
            effective.contract(entry),
            entry.omit is not None,
            dict(zip(outs, results[len(results) - len(outs) :], strict=True)),
        )

    def check_object(self, called: Called, step: Step, scope: Scope) -> None:
        """Check that a method is called on an object of its type, and a function on none."""
        on = step.on
        if called.owner is None:
            if on is not None:
                self._found.add(
                    "SPEC083",
                    f"'{called.name}' is called on no object",
                    step.where("on"),
                    "leave `on` out",
                )
            return
        owner = called.owner.name
        if on is None and not scope.is_ready(owner):
            self._found.add(
                "SPEC083",
                f"'{called.name}' is a method, and there is no {owner} that is ready",
                step.where("call"),
                f"say `on:` which {owner} it is called on",
            )
        elif on is not None:
            self.check_type_of(on, owner, f"'{called.name}' is a method of {owner}", step, scope)

    def check_type_of(self, on: str, owner: str, demand: str, step: Step, scope: Scope) -> None:
        """Check that the object of a step is of a type, as far as its type is known."""
        kind = scope.kind(on)
        if kind is not None and not fits(kind, Kind(Named(owner)), self._symbols):
            text = annotation(kind.node, kind.meaning, "result", self._symbols.mappings).text
            self._found.add("SPEC083", f"{demand}, but '{on}' is {text}", step.where("on"))

    def check_arguments(
        self, called: Called, caller: Step | OperationForm, scope: Scope, *, count: bool = False
    ) -> None:
        """Check what is given for each parameter.

        Args:
            called: the callable.
            caller: what has the arguments.
            scope: the names that they may use.
            count: whether {count: x} has its place here.
        """
        for name, value in caller.with_.items():
            at = caller.where(f"with.{name}")
            argument = called.arguments.get(name)
            if argument is None:
                self._found.add(
                    "SPEC084",
                    f"'{called.name}' has no parameter '{name}'",
                    at,
                    self._found.did_you_mean(
                        name,
                        called.arguments,
                        f"it has {', '.join(called.arguments) or 'none'}",
                    ),
                )
            elif self._values.is_well_formed(value, at, scope, count=count):
                wanted = Kind(argument.type, argument.param.as_)
                wrong = self._values.misfit(value, wanted, scope)
                if wrong is not None:
                    self._found.add("SPEC084", f"'{name}' of '{called.name}': {wrong}", at)
        needed = [name for name, argument in called.arguments.items() if argument.required]
        missing = [name for name in needed if name not in caller.with_]
        if missing:
            self._found.add(
                "SPEC084",
                f"'{called.name}' needs {', '.join(missing)}",
                caller.where("with" if "with" in caller.keys else "call"),
                f"add `with: {{{missing[0]}: ...}}`",
            )

    def readable(self, kind: Kind | None) -> Mapping[str, tuple[Kind, ...]]:
        """Return what `then` may ask of an object, with what it gives: of any, if it is unknown."""
        members = kind.node.members if kind and isinstance(kind.node, UnionOf) else ()
        node = members[0] if members else kind.node if kind else None
        if isinstance(node, Named):
            return self._readable.get(node.name, {})
        if node is not None:
            return {}
        return self._readable_of_any

    def report_unknown(self) -> None:
        """Report each unknown name once: one misspelt proc is behind all calls of its old name."""
        nameless = {
            name
            for name, overloads in self._symbols.callables.items()
            if not names.python_name(overloads[0]).isidentifier()
        }
        for name, places in self._unknown.items():
            hint = self._found.did_you_mean(name, self._symbols.callables)
            if hint and hint == self._found.did_you_mean(name, nameless):
                continue
            _, *others = dict.fromkeys(f"{at.file}:{at.line}" for at in places)
            if others:
                hint = f"{hint} It is called in {', '.join(others)} as well.".lstrip()
            self._found.add("SPEC083", f"unknown call '{name}'", places[0], hint)

    def _all_readable(self) -> dict[str, dict[str, tuple[Kind, ...]]]:
        known: dict[str, dict[str, tuple[Kind, ...]]] = {}
        for overloads in self._symbols.callables.values():
            for entry in overloads:
                form = signature(entry, self._symbols)
                if form is None or form.owner is None or not form.outcomes:
                    continue
                if any(argument.required for argument in form.arguments):
                    continue
                of_type = known.setdefault(form.owner.name, {})
                for name in (entry.name, names.python_name(entry)):
                    of_type.setdefault(name, _kinds(form))
        for type_name, fields in self._fields.items():
            of_type = known.setdefault(type_name, {})
            for name, field in fields.items():
                of_type.setdefault(name, field.results)
        return known


def _kinds(form: Signature) -> tuple[Kind, ...]:
    return tuple(Kind(outcome.type, outcome.meaning) for outcome in form.outcomes)


def _fields(symbols: Symbols) -> dict[str, dict[str, Called]]:
    """Return the public fields of each type, by Nim's and by Python's name."""
    known: dict[str, dict[str, Called]] = {}
    for defined in symbols.types.values():
        for field in defined.public_fields:
            called = _field(defined, field)
            if called is not None:
                of_type = known.setdefault(defined.name, {})
                for name in (field.name, names.snake_case(field.name)):
                    of_type.setdefault(name, called)
    return known


def _field(defined: Type, field: ObjectField) -> Called | None:
    kind = kind_of_field(field)
    if kind is None:
        return None
    contract = (*field.errors, *((_WRONG_MEMBER,) if field.of is not None else ()))
    return Called(field.name, defined, {}, (kind,), contract, defined.omit is not None, {})
