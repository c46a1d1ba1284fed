"""Operations: forms that are calls alike, each of which some scenario runs."""

from __future__ import annotations

import keyword
import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from nimnet_gen.checks.calls import Called, Calls
from nimnet_gen.checks.compatibility import fits
from nimnet_gen.checks.scenario_values import Values
from nimnet_gen.checks.scope import Scope, of_the_api
from nimnet_gen.model.evidence import Operation, OperationForm, Scenario
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming import names
from nimnet_gen.naming.kinds import DATA, Kind, kind_of_word
from nimnet_gen.naming.nimtypes import Named, NimSyntaxError, parse_type
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position
from nimnet_gen.stage.matrix import Cell, Matrix

RESULT: Final = "result"
_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_FAILURE: Final = "OSError"
"""What stands for the result of a form that never raises."""


@dataclass(frozen=True)
class Use:
    """An operation as a step sees it.

    Attributes:
        takes: what is known of each argument.
        gives: what is known of its result; None for no result, or for one of an unknown type.
        contracts: what each form may raise, by its `call`.
        owner: the type of the object that it is done on; an empty text for none.
    """

    operation: Operation
    takes: Mapping[str, Kind]
    gives: Kind | None
    contracts: Mapping[str, tuple[str, ...]]
    owner: str


class Operations:
    """Checks the definitions, and then who uses them."""

    def __init__(
        self, spec: Spec, symbols: Symbols, calls: Calls, values: Values, found: Diagnostics
    ) -> None:
        """Check every operation of the specification."""
        self._symbols = symbols
        self._calls = calls
        self._values = values
        self._found = found
        self._stage = spec.stage
        self._listed = [operation for module in spec.modules for operation in module.operations]
        self._run: set[int] = set()
        self.uses: dict[str, Use] = {}
        for operation in self._listed:
            self._check_name(operation)
            use = self._use(operation)
            self.uses.setdefault(operation.name, use)
        by_name = {name: use.operation for name, use in self.uses.items()}
        self.matrix = Matrix(spec.stage, by_name)

    def note(self, scenario: Scenario) -> tuple[Cell, ...]:
        """Return the cells of a scenario, and remember which forms they run."""
        cells = self.matrix.cells(scenario)
        self._run |= {id(form) for cell in cells for form in cell.forms}
        return cells

    def report_unused(self) -> None:
        """Report the operations and forms that no scenario runs."""
        for operation in self._listed:
            unused = [form for form in operation.forms if id(form) not in self._run]
            if operation.forms and len(unused) == len(operation.forms):
                self._found.add(
                    "SPEC106",
                    f"no scenario runs the operation '{operation.name}'",
                    operation.where("name"),
                    f"add a step {{do: {operation.name}}}, or take it out",
                )
                continue
            for form in unused:
                self._found.add(
                    "SPEC106",
                    f"no scenario runs this form of '{operation.name}'",
                    form.where("call"),
                    "no scenario with the operation has a test on its transports",
                )

    def _check_name(self, operation: Operation) -> None:
        at = operation.where("name")
        if operation.name in self.uses:
            first = self.uses[operation.name].operation.where("name")
            self._found.add(
                "SPEC105",
                f"there are two operations '{operation.name}'",
                at,
                f"the first is at {first.file}:{first.line}:{first.column}",
            )
        if not _is_name(operation.name):
            self._found.add(
                "SPEC105",
                f"'{operation.name}' is no name of an operation",
                at,
                "lower-case letters, digits and underscores",
            )
        if not operation.forms:
            self._found.add(
                "SPEC105", "an operation without a form", operation.where("forms"), "add a call"
            )

    def _use(self, operation: Operation) -> Use:
        takes = dict(self._taken(operation))
        scope = Scope(ChainMap({**takes}, of_the_api(self._symbols)))
        contracts: dict[str, tuple[str, ...]] = {}
        given: list[Kind] = []
        owner = ""
        alike: dict[str, list[OperationForm]] = {}
        for form in operation.forms:
            others = alike.setdefault(form.call, [])
            if any(self._meet(form, other) for other in others):
                self._found.add(
                    "SPEC105",
                    f"a second form '{form.call}'",
                    form.where("call"),
                    "keep one, or give them transports of their own",
                )
            others.append(form)
            self._check_transports(form)
            called = self._calls.find(form, form.call, None)
            if called is None:
                continue
            if called.owner is not None:
                owner = owner or called.owner.name
                self._check_owner(operation, form, called.owner.name, owner)
            self._calls.check_arguments(called, form, scope, count=True)
            failing = (_FAILURE,) if "fails" in form.keys else ()
            contracts[form.call] = (*called.contract, *failing)
            self._check_failure(form, called, scope)
            kind = self._given_by(operation, form, called)
            if kind is not None:
                given.append(kind)
                self._check_alike(form, given)
        gives = DATA if operation.gives == "data" else given[0] if given else None
        return Use(operation, takes, gives, contracts, owner)

    def _check_owner(
        self, operation: Operation, form: OperationForm, owner: str, first: str
    ) -> None:
        """Check that a form is done on the same type of object as the first."""
        if owner != first:
            self._found.add(
                "SPEC105",
                f"'{operation.name}' is done on a {first}, "
                f"but '{form.call}' is a method of {owner}",
                form.where("call"),
            )
        receiver = names.snake_case(owner)
        if receiver in operation.takes:
            self._found.add(
                "SPEC105",
                f"'{receiver}' is the object that the operation is done on",
                operation.where(f"takes.{receiver}"),
                "give the argument another name",
            )

    def _taken(self, operation: Operation) -> Iterator[tuple[str, Kind]]:
        for name, word in operation.takes.items():
            at = operation.where(f"takes.{name}")
            if not _is_name(name) or name == RESULT:
                self._found.add("SPEC105", f"'{name}' is no name of an argument", at)
            elif not isinstance(word, str):
                self._found.add("SPEC105", f"'{name}' needs a type", at, "int, data, text, Port")
            elif word == "string":
                self._found.add("SPEC105", "a string is text or data", at, "write `text` or `data`")
            else:
                yield name, self._kind(word, at)

    def _kind(self, word: str, at: Position) -> Kind:
        if word in ("text", "data"):
            return kind_of_word(word)
        try:
            kind = Kind(parse_type(word))
        except NimSyntaxError as error:
            self._found.add("SPEC105", str(error), self._found.within(at, error.offset))
            return Kind(Named("RootRef"))
        if isinstance(kind.node, Named):
            known = {*self._symbols.types, *self._symbols.mappings.names, "text", "data"} - {
                "string"
            }
            if word not in known:
                self._found.add(
                    "SPEC105", f"unknown type '{word}'", at, self._found.did_you_mean(word, known)
                )
        return kind

    def _check_transports(self, form: OperationForm) -> None:
        for index, transport in enumerate(form.transports or ()):
            if transport not in self._stage.transports:
                self._found.add(
                    "SPEC086",
                    f"unknown transport '{transport}'",
                    form.where(f"transports.{index}"),
                    self._found.did_you_mean(
                        transport,
                        self._stage.transports,
                        f"one of {', '.join(self._stage.transports)}",
                    ),
                )
        if form.transports == ():
            self._found.add(
                "SPEC086", "a form for no transport", form.where("transports"), "name one"
            )

    def _meet(self, form: OperationForm, other: OperationForm) -> bool:
        """Tell whether two forms of one call meet somewhere, where nothing tells them apart."""
        if form.transports is None or other.transports is None:
            return True
        every = self._stage.transports
        return not set(form.transports or every).isdisjoint(other.transports or every)

    def _check_failure(self, form: OperationForm, called: Called, scope: Scope) -> None:
        if "fails" not in form.keys:
            return
        at = form.where("fails")
        if self._stage.failure is None or called.owner is None:
            self._found.add(
                "SPEC105",
                "nothing tells which error this result stands for",
                at,
                "name a method that does under `failure` in the stage"
                if self._stage.failure is None
                else "only a method's object can be asked for it",
            )
        if self._values.is_well_formed(form.fails, at, scope):
            wrong = self._values.misfit_of_results(form.fails, called.results, scope)
            if wrong is not None:
                self._found.add("SPEC105", f"'{called.name}' cannot fail so: {wrong}", at)

    def _given_by(self, operation: Operation, form: OperationForm, called: Called) -> Kind | None:
        """Return what is known of what a form gives, and report what it cannot give."""
        at = form.where("gives" if "gives" in form.keys else "call")
        if operation.gives == "nothing":
            if "gives" in form.keys:
                self._found.add(
                    "SPEC105",
                    f"'{operation.name}' gives nothing",
                    at,
                    "leave `gives` out, or say what the operation gives",
                )
            return None
        if form.gives in called.named:
            given = called.named[form.gives]
        elif form.gives != RESULT:
            known = (*called.named, *called.changeable)
            if form.gives not in known:
                self._found.add(
                    "SPEC105",
                    f"'{called.name}' does not give '{form.gives}'",
                    at,
                    self._found.did_you_mean(
                        form.gives, (*known, RESULT), f"one of {', '.join((RESULT, *known))}"
                    ),
                )
                return None
            argument = called.arguments[form.gives]
            return self._demanded(operation, Kind(argument.type, argument.param.as_), at)
        elif len(called.results) == 1:
            given = called.results[0]
        else:
            self._found.add(
                "SPEC105",
                f"'{called.name}' has {_results(len(called.results))}",
                at,
                f"say with `gives` which argument: {', '.join((*called.named, *called.changeable))}"
                if called.named or called.changeable
                else "",
            )
            return None
        return self._demanded(operation, given, at)

    def _demanded(self, operation: Operation, kind: Kind, at: Position) -> Kind | None:
        if operation.gives == "data" and not fits(kind, DATA, self._symbols):
            self._found.add("SPEC105", f"'{operation.name}' gives data, but this is none", at)
            return None
        return kind

    def _check_alike(self, form: OperationForm, given: list[Kind]) -> None:
        if not fits(given[-1], given[0], self._symbols):
            self._found.add(
                "SPEC105", "this form gives something else than the first", form.where("call")
            )


def _results(count: int) -> str:
    return f"{count} results" if count else "no result"


def _is_name(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and not keyword.iskeyword(name)
