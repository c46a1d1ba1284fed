"""Steps: each does one thing, with what the names before it stand for, and expects what it can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nimnet_gen.checks.calls import Calls
from nimnet_gen.checks.expectations import RAISED, Expectations, Promise
from nimnet_gen.checks.operations import Operations
from nimnet_gen.checks.scenario_values import Values
from nimnet_gen.checks.scope import Scope
from nimnet_gen.checks.value_forms import The, form_of, is_data
from nimnet_gen.model.evidence import Scenario, Step
from nimnet_gen.naming.kinds import Kind
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics

_OUTCOME: Final = RAISED | {"returns", "as", "within", "then"}

_KEYS: Final[Mapping[str, frozenset[str]]] = {
    "call": _OUTCOME | {"on", "with", "leaves", "starts"},
    "do": _OUTCOME | {"on", "with", "starts"},
    "ends": _OUTCOME,
    "value": frozenset({"returns", "as", "then"}),
    "signal": frozenset(),
}
"""What may stand beside the key that says what a step does."""

_ALONE: Final = frozenset({"on", "then"})
_STARTED: Final = frozenset({"call", "do", "on", "with", "starts"})
"""What a call has that another step ends; all it is held to stands there."""


class Steps:
    """The steps of one scenario, in order."""

    def __init__(
        self,
        symbols: Symbols,
        calls: Calls,
        values: Values,
        operations: Operations,
        scope: Scope,
        found: Diagnostics,
    ) -> None:
        """Check against the names of `scope`, which the steps add to."""
        self._symbols = symbols
        self._calls = calls
        self._values = values
        self._operations = operations
        self._expectations = Expectations(symbols, values, scope, found)
        self._scope = scope
        self._found = found
        self._started: dict[str, tuple[Step, Promise | None]] = {}

    def check(self, scenario: Scenario, *, generated: bool) -> None:
        """Check every step; `generated` says whether what the statement is about is there."""
        if not scenario.steps:
            self._found.add("SPEC082", "a scenario without a step", scenario.where("steps"))
        for step in scenario.steps:
            self._check_step(step, generated=generated)
        for name, (step, _) in self._started.items():
            self._found.add(
                "SPEC104",
                f"no step ends '{name}'",
                step.where("starts"),
                f"add {{ends: {name}}} with what the call must give",
            )

    def _check_step(self, step: Step, *, generated: bool) -> None:
        does = [key for key in _KEYS if key in step.keys]
        keys = {key for key in step.keys if "." not in key}
        if len(does) != 1 and not (not does and "then" in keys):
            self._found.add(
                "SPEC082",
                f"a step does one thing, not {len(does)}",
                step.at,
                f"write exactly one of {', '.join(_KEYS)}; or `on` with `then` alone",
            )
            return
        allowed = _KEYS[does[0]] | {does[0]} if does else _ALONE
        for key in sorted(keys - allowed):
            what = f"'{does[0]}'" if does else "a step without a call"
            hint = "" if does else "add `call:`"
            self._found.add("SPEC100", f"'{key}' does not belong to {what}", step.where(key), hint)
        if step.on is not None and step.on not in self._scope:
            self._found.add(
                "SPEC101",
                f"'{step.on}' stands for nothing here",
                step.where("on"),
                self._found.did_you_mean(
                    step.on, self._scope.names, "bind it by `as:` in a step before"
                ),
            )
        faults = len(self._found)
        promise = self._promised(step, generated=generated)
        if "starts" in keys:
            self._start(step, promise, keys)
            return
        self._expectations.check(step, promise)
        result = self._bind(step, promise, is_faulty=len(self._found) > faults)
        self._check_properties(step, result)

    def _promised(self, step: Step, *, generated: bool) -> Promise | None:
        """Check what a step does, and return what it can give; None if that is not known."""
        if step.call is not None:
            return self._promise_of_call(step, step.call, generated=generated)
        if step.do is not None:
            return self._promise_of_operation(step, step.do)
        if step.ends is not None:
            return self._promise_of_start(step, step.ends)
        if "value" in step.keys:
            return self._promise_of_value(step)
        return None

    def _promise_of_call(self, step: Step, call: str, *, generated: bool) -> Promise | None:
        on = self._scope.kind(step.on) if step.on is not None else None
        called = self._calls.find(step, call, on)
        if called is None:
            return None
        if generated and called.omitted:
            self._found.add(
                "SPEC043", f"'{called.name}' is not generated, but this is", step.where("call")
            )
        self._calls.check_object(called, step, self._scope)
        self._calls.check_arguments(called, step, self._scope)
        for name, value in step.leaves.items():
            at = step.where(f"leaves.{name}")
            if name not in called.changeable:
                self._found.add(
                    "SPEC085",
                    f"'{called.name}' changes no argument '{name}'",
                    at,
                    self._found.did_you_mean(name, called.changeable, "use `returns`"),
                )
            elif self._values.is_well_formed(value, at, self._scope) and not is_data(value):
                self._found.add("SPEC085", f"'{name}' holds data, not {value!r}", at)
        return Promise(called.name, called.results, {called.name: called.contract})

    def _promise_of_operation(self, step: Step, name: str) -> Promise | None:
        use = self._operations.uses.get(name)
        if use is None:
            self._found.add(
                "SPEC083",
                f"unknown operation '{name}'",
                step.where("do"),
                self._found.did_you_mean(
                    name, self._operations.uses, "define it under `operations:`"
                ),
            )
            return None
        if use.owner:
            demand = f"'{name}' is done on a {use.owner}"
            if step.on is not None:
                self._calls.check_type_of(step.on, use.owner, demand, step, self._scope)
            elif not self._scope.is_ready(use.owner):
                self._found.add(
                    "SPEC083",
                    f"{demand}, and none is ready",
                    step.where("do"),
                    "say `on:` which",
                )
        self._check_arguments_of(name, step, use.takes, tuple(use.operation.takes))
        results: tuple[Kind | None, ...] = ()
        if use.operation.gives != "nothing":
            results = (use.gives,)
        return Promise(name, results, use.contracts)

    def _check_arguments_of(
        self, operation: str, step: Step, takes: Mapping[str, Kind], names: tuple[str, ...]
    ) -> None:
        for name, value in step.with_.items():
            at = step.where(f"with.{name}")
            if name not in names:
                self._found.add(
                    "SPEC084",
                    f"'{operation}' takes no '{name}'",
                    at,
                    self._found.did_you_mean(
                        name, names, f"it takes {', '.join(names) or 'nothing'}"
                    ),
                )
            elif self._values.is_well_formed(value, at, self._scope) and name in takes:
                wrong = self._values.misfit(value, takes[name], self._scope)
                if wrong is not None:
                    self._found.add("SPEC084", f"'{name}' of '{operation}': {wrong}", at)
        missing = [name for name in names if name not in step.with_]
        if missing:
            self._found.add(
                "SPEC084",
                f"'{operation}' needs {', '.join(missing)}",
                step.where("with" if "with" in step.keys else "do"),
                f"add `with: {{{missing[0]}: ...}}`",
            )

    def _promise_of_start(self, step: Step, name: str) -> Promise | None:
        if name not in self._started:
            self._found.add(
                "SPEC104",
                f"no step before this starts '{name}', or it has ended",
                step.where("ends"),
                self._found.did_you_mean(name, self._started, f"add `starts: {name}` to a call"),
            )
            return None
        return self._started.pop(name)[1]

    def _promise_of_value(self, step: Step) -> Promise:
        at = step.where("value")
        kind: Kind | None = None
        if self._values.is_well_formed(step.value, at, self._scope) and isinstance(
            step.value, Mapping
        ):
            form = form_of(step.value)
            kind = self._scope.kind(form.name) if isinstance(form, The) else None
        if not {"returns", "as", "then"} & step.keys.keys():
            self._found.add(
                "SPEC100", "a value that nothing is said of", at, "add `returns`, `as` or `then`"
            )
        return Promise("the value", (kind,), {})

    def _start(self, step: Step, promise: Promise | None, keys: set[str]) -> None:
        """Note a call that goes on in a thread of its own."""
        name = str(step.starts)
        at = step.where("starts")
        for key in sorted(keys - _STARTED):
            if key in _KEYS["call"]:
                self._found.add(
                    "SPEC100",
                    f"'{key}' cannot be told of a call that has only begun",
                    step.where(key),
                    f"say it of {{ends: {name}}}",
                )
        refusal = self._scope.refusal(name, None, again=False)
        if refusal is not None:
            self._found.add("SPEC101", refusal, at, "choose another name")
            self._started.setdefault(name, (step, promise))
            return
        self._scope.bind(name, None, again=False)
        self._started[name] = (step, promise)

    def _bind(self, step: Step, promise: Promise | None, *, is_faulty: bool) -> Kind | None:
        """Bind the names of `as`, and return what is known of what `then` asks."""
        names = step.as_
        results = promise.results if promise is not None else None
        target = step.on if step.on is not None else self._scope.subject
        if not names:
            return self._scope.kind(target) if target is not None else None
        kinds: list[Kind | None] = [None] * len(names)
        if results is not None and not is_faulty:
            parts = self._parts(results, len(names))
            if parts is None:
                self._found.add(
                    "SPEC085",
                    f"{len(names)} name{'s' if len(names) > 1 else ''} for "
                    f"{len(results) or 'no'} result{'s' if len(results) > 1 else ''}",
                    step.where("as"),
                    "one name for each; `_` for a result that is not needed",
                )
            else:
                kinds = [self._named(kind) for kind in parts]
        for index, (name, kind) in enumerate(zip(names, kinds, strict=True)):
            if name == "_" and len(names) > 1:
                continue
            refusal = self._scope.refusal(name, kind)
            if refusal is not None:
                at = step.where(f"as.{index}")
                self._found.add("SPEC101", refusal, at, "choose another name")
            elif name != "_":
                self._scope.bind(name, kind)
        return kinds[0] if len(names) == 1 else None

    def _named(self, kind: Kind | None) -> Kind | None:
        """Return the type of what a name stands for that is given to a value."""
        return None if kind is None else Kind(self._symbols.named(kind.node), kind.meaning)

    def _parts(self, results: tuple[Kind | None, ...], count: int) -> list[Kind | None] | None:
        """Return what is known of each of so many values, or None if there are not so many."""
        if len(results) == count:
            return list(results)
        if len(results) != 1:
            return None
        if results[0] is None:
            return [None] * count
        parts: list[Kind | None] = list(results[0].items(self._symbols.mappings))
        return parts if len(parts) == count else None

    def _check_properties(self, step: Step, kind: Kind | None) -> None:
        if not step.then:
            return
        if len(step.as_) > 1:
            self._found.add(
                "SPEC100",
                "'then' asks one object, not several results",
                step.where("then"),
                "add a step {on: name, then: {...}}",
            )
            return
        if not step.as_ and step.on is None and self._scope.subject is None:
            self._found.add(
                "SPEC100",
                "there is no object that 'then' could ask",
                step.where("then"),
                "say `on:` which, or name the result by `as:`",
            )
            return
        readable = self._calls.readable(kind)
        for name, value in step.then.items():
            at = step.where(f"then.{name}")
            results = readable.get(name)
            if results is None:
                hint = (
                    "`then` asks what `as` names; ask another object in a step of its own"
                    if step.as_
                    else ""
                )
                self._found.add(
                    "SPEC083",
                    f"no field, property or argument-less call '{name}'",
                    at,
                    self._found.did_you_mean(name, readable, hint),
                )
            elif self._values.is_well_formed(value, at, self._scope, any_value=True):
                wrong = self._values.misfit_of_results(value, results, self._scope)
                if wrong is not None:
                    self._found.add("SPEC085", f"'{name}': {wrong}", at)
