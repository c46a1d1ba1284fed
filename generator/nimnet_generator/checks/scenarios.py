"""Scenarios: every call fits its signature, and every expectation what the call can give."""

from __future__ import annotations

from typing import Final

from nimnet_generator import effective
from nimnet_generator.checks.scenario_values import Values
from nimnet_generator.checks.statements import all_statements
from nimnet_generator.diagnostics import Diagnostics, did_you_mean
from nimnet_generator.model import Callable, PeerAction, Scenario, Spec, Step
from nimnet_generator.names import python_name
from nimnet_generator.nimtypes import Named
from nimnet_generator.position import Position
from nimnet_generator.signatures import Signature, signature
from nimnet_generator.symbols import Symbols

TRANSPORTS: Final = ("tcp", "tcp6", "unix", "udp", "tls12", "tls13", "psk12", "psk13")

_OF_A_CALL: Final = ("with", "returns", "leaves", "raises", "message", "within")


def check_scenarios(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check every scenario of every statement."""
    room = _Room(symbols, found)
    for statement, generated in all_statements(spec):
        for scenario in statement.scenarios:
            room.check(scenario, generated)
    room.report_unknown_calls()


class _Room:
    def __init__(self, symbols: Symbols, found: Diagnostics) -> None:
        self._symbols = symbols
        self._found = found
        self._values = Values(symbols)
        self._unknown: dict[str, list[Position]] = {}
        self._readable = {
            known: form
            for overloads in symbols.callables.values()
            for entry in overloads
            if (form := signature(entry, symbols)) is not None
            and form.owner is not None
            and form.outcomes
            and not any(argument.required for argument in form.arguments)
            for known in (entry.name, python_name(entry))
        }
        """What `then` may ask: properties, and calls that need no argument."""

    def check(self, scenario: Scenario, generated: bool) -> None:
        self._check_restriction(scenario)
        for action in scenario.peer:
            self._check_action(action)
        for step in scenario.steps:
            self._check_step(step, generated)
        if not scenario.steps:
            self._found.add("SPEC082", "a scenario without a step", scenario.where("steps"))
        self._check_signals(scenario)

    def _check_restriction(self, scenario: Scenario) -> None:
        for index, transport in enumerate(scenario.transports or ()):
            if transport not in TRANSPORTS:
                self._found.add(
                    "SPEC086",
                    f"unknown transport '{transport}'",
                    scenario.where(f"transports.{index}"),
                    did_you_mean(transport, TRANSPORTS, f"one of {', '.join(TRANSPORTS)}"),
                )
        if scenario.transports == ():
            self._found.add(
                "SPEC086", "a scenario for no transport", scenario.where("transports"), "name one"
            )
        restricted = [key for key in ("transports", "buffered") if key in scenario.keys]
        if restricted and not scenario.because:
            self._found.add(
                "SPEC086",
                f"a restriction by `{restricted[0]}` needs its reason",
                scenario.where(restricted[0]),
                "add `because:`",
            )

    def _check_action(self, action: PeerAction) -> None:
        if len(action.keys) != 1:
            self._found.add(
                "SPEC082",
                f"a peer does one thing at a time, not {len(action.keys)}",
                action.at,
                "write one list item for each",
            )
        data = (action.send, action.expect, action.byte_by_byte)
        for key, value in zip(("send", "expect", "byte_by_byte"), data, strict=True):
            if key in action.keys and not self._values.is_data(value):
                self._found.add(
                    "SPEC084",
                    f"'{key}' takes data",
                    action.where(key),
                    "a text in quotes, or {repeat: text, times: n}",
                )
        switches = (action.close, action.half_close, action.reset)
        for key, switch in zip(("close", "half_close", "reset"), switches, strict=True):
            if switch is False:
                self._found.add(
                    "SPEC082", f"'{key}: false' does nothing", action.where(key), "leave it out"
                )

    def _check_signals(self, scenario: Scenario) -> None:
        signals = {step.signal for step in scenario.steps if step.signal is not None}
        waits = {action.wait_for for action in scenario.peer if action.wait_for is not None}
        for action in scenario.peer:
            if action.wait_for is not None and action.wait_for not in signals:
                self._found.add(
                    "SPEC087",
                    f"no step signals '{action.wait_for}'",
                    action.where("wait_for"),
                    did_you_mean(action.wait_for, signals, f"add {{signal: {action.wait_for}}}"),
                )
        for step in scenario.steps:
            if step.signal is not None and step.signal not in waits:
                self._found.add(
                    "SPEC087",
                    f"the peer never waits for '{step.signal}'",
                    step.where("signal"),
                    did_you_mean(step.signal, waits, f"add {{wait_for: {step.signal}}}"),
                )

    def _check_step(self, step: Step, generated: bool) -> None:
        if (step.call is None) == (step.signal is None) and not (step.call is None and step.then):
            self._found.add(
                "SPEC082",
                "a step is a `call` or a `signal`",
                step.at,
                "write exactly one of them, or `then` alone",
            )
            return
        if step.call is None:
            for key in _OF_A_CALL:
                if key in step.keys:
                    self._found.add(
                        "SPEC082", f"'{key}' without a call", step.where(key), "add `call:`"
                    )
        else:
            self._check_call(step, step.call, generated)
        for name in step.then:
            self._check_property(step, name)

    def _check_property(self, step: Step, name: str) -> None:
        at = step.where(f"then.{name}")
        form = self._readable.get(name)
        if form is None:
            self._found.add(
                "SPEC083",
                f"no property or argument-less call '{name}'",
                at,
                did_you_mean(name, self._readable),
            )
        elif (wrong := self._values.misfit_of_results(step.then[name], form.outcomes)) is not None:
            self._found.add("SPEC085", f"'{name}': {wrong}", at)

    def _check_call(self, step: Step, call: str, generated: bool) -> None:
        at = step.where("call")
        name, _, number = call.partition("/")
        overloads = self._symbols.called(name)
        if not overloads:
            self._unknown.setdefault(name, []).append(at)
            return
        if number:
            if not number.isascii() or not number.isdecimal() or number.startswith("0"):
                self._found.add("SPEC083", f"'{call}' is no overload", at, f"write {name}/1")
                return
            if len(number) > 3 or int(number) > len(overloads):
                self._found.add(
                    "SPEC083",
                    f"'{name}' has no overload {number}",
                    at,
                    f"it has {len(overloads)}",
                )
                return
            overloads = (overloads[int(number) - 1],)
        self._check_form(step, self._chosen(step, overloads), generated)

    def report_unknown_calls(self) -> None:
        """Report each unknown name once: one misspelt proc is behind all calls of its old name."""
        nameless = {
            name
            for name, overloads in self._symbols.callables.items()
            if not python_name(overloads[0]).isidentifier()
        }
        for name, places in self._unknown.items():
            hint = did_you_mean(name, self._symbols.callables)
            if hint and hint == did_you_mean(name, nameless):
                continue
            _, *others = dict.fromkeys(f"{at.file}:{at.line}" for at in places)
            if others:
                hint = f"{hint} It is called in {', '.join(others)} as well.".lstrip()
            self._found.add("SPEC083", f"unknown call '{name}'", places[0], hint)

    def _chosen(self, step: Step, overloads: tuple[Callable, ...]) -> Callable:
        """Return the first overload whose names fit what is given, or the first of all."""
        for entry in overloads:
            form = signature(entry, self._symbols)
            if form is None:
                continue
            given = _names(entry, form)
            if step.with_.keys() <= given.keys() and all(
                name in step.with_ for name, required in given.items() if required
            ):
                return entry
        return overloads[0]

    def _check_form(self, step: Step, entry: Callable, generated: bool) -> None:
        if generated and entry.omit is not None:
            self._found.add(
                "SPEC043", f"'{entry.name}' is not generated, but this is", step.where("call")
            )
        form = signature(entry, self._symbols)
        if form is None:
            return
        names = _names(entry, form)
        for name, value in step.with_.items():
            at = step.where(f"with.{name}")
            if name not in names:
                self._found.add(
                    "SPEC084",
                    f"'{entry.name}' has no parameter '{name}'",
                    at,
                    did_you_mean(name, names, f"it has {', '.join(names) or 'none'}"),
                )
                continue
            param = next(param for param in effective.params(entry) if param.name == name)
            node = self._symbols.type_of(param)
            wrong = self._values.misfit(value, node, param.as_) if node is not None else None
            if wrong is not None:
                self._found.add("SPEC084", f"'{name}' of '{entry.name}': {wrong}", at)
        missing = [name for name, needed in names.items() if needed and name not in step.with_]
        if missing:
            self._found.add(
                "SPEC084",
                f"'{entry.name}' needs {', '.join(missing)}",
                step.where("with" if "with" in step.keys else "call"),
                f"add `with: {{{missing[0]}: ...}}`",
            )
        self._check_expectation(step, entry, form)

    def _check_expectation(self, step: Step, entry: Callable, form: Signature) -> None:
        contract = effective.contract(entry)
        if step.raises is not None:
            if step.raises not in contract:
                stated = f"its contract is [{', '.join(contract)}]"
                self._found.add(
                    "SPEC085",
                    f"'{entry.name}' cannot raise {step.raises}",
                    step.where("raises"),
                    did_you_mean(step.raises, contract, stated),
                )
            if "returns" in step.keys:
                self._found.add(
                    "SPEC085", "a call that raises returns nothing", step.where("returns")
                )
        elif step.message is not None:
            self._found.add(
                "SPEC085", "a message without `raises`", step.where("message"), "add `raises:`"
            )
        if "returns" in step.keys and step.raises is None:
            wrong = self._values.misfit_of_results(step.returns, form.outcomes)
            if wrong is not None:
                self._found.add("SPEC085", f"'{entry.name}': {wrong}", step.where("returns"))
        if step.within is not None and not (
            len(step.within) == 2 and 0 <= step.within[0] <= step.within[1]
        ):
            self._found.add(
                "SPEC085",
                "'within' is [least, most] in milliseconds",
                step.where("within"),
                "for example [50, 5000]",
            )
        self._check_left(step, entry, form)

    def _check_left(self, step: Step, entry: Callable, form: Signature) -> None:
        changeable = {
            argument.param.name
            for argument in form.arguments
            if argument.param.mode == "inout" or argument.type == Named("pointer")
        }
        for name, value in step.leaves.items():
            at = step.where(f"leaves.{name}")
            if name not in changeable:
                self._found.add(
                    "SPEC085",
                    f"'{entry.name}' changes no argument '{name}'",
                    at,
                    did_you_mean(name, changeable, "use `returns`"),
                )
            elif not self._values.is_data(value):
                self._found.add("SPEC085", f"'{name}' holds data, not {value!r}", at)


def _names(entry: Callable, form: Signature) -> dict[str, bool]:
    """Return what a step may give by Nim's names, and which of them it must.

    The object of a method is implied where it is the scenario's own socket; a value class has no
    such object, so a step gives it.
    """
    names: dict[str, bool] = {}
    if form.owner is not None and form.owner.runtime is None:
        names[entry.params[0].name] = True
    for argument in form.arguments:
        names[argument.param.name] = argument.required
    return names
