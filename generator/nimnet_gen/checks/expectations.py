"""Expectations: a step demands only what the call that it is about can give."""

from __future__ import annotations

import builtins
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from nimnet_gen.checks.scenario_values import Values
from nimnet_gen.checks.scope import Scope
from nimnet_gen.model.evidence import Step
from nimnet_gen.naming.kinds import Kind, kind_of_field
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

RAISED: Final = frozenset(
    {"raises", "errno", "message", "lacks", "carries", "cause", "is_a", "is_not"}
)
"""What a step says of an exception."""

_SYSTEM_ERROR: Final = "OSError"
_ERRORS: Final = "errno"
"""The module of Python with the numbers of the system's errors."""
_BUILTINS: Final = "builtins."
"""What tells Python's own exception from the specification's of the same name."""


@dataclass(frozen=True)
class Promise:
    """What a step can expect.

    Attributes:
        name: what it comes from, for messages.
        results: what is known of each result; None for nothing.
        contracts: the exceptions by what raises them; none where nothing is known.
    """

    name: str
    results: tuple[Kind | None, ...]
    contracts: Mapping[str, tuple[str, ...]]


class Expectations:
    """What the steps of one scenario expect."""

    def __init__(self, symbols: Symbols, values: Values, scope: Scope, found: Diagnostics) -> None:
        """Check against the names of `scope`, as they are when a step is checked."""
        self._symbols = symbols
        self._values = values
        self._scope = scope
        self._found = found

    def check(self, step: Step, promise: Promise | None) -> None:
        """Check what a step expects; without a promise nothing is known of what it is about."""
        self._check_exception(step, promise)
        self._check_result(step, promise)
        self._check_within(step)

    def _check_exception(self, step: Step, promise: Promise | None) -> None:
        if step.raises is None:
            for key in sorted(RAISED & step.keys.keys()):
                self._found.add(
                    "SPEC085", f"'{key}' without `raises`", step.where(key), "add `raises:`"
                )
            return
        for name, contract in (promise.contracts if promise is not None else {}).items():
            if not set(contract).intersection(self._symbols.lineage(step.raises)):
                self._check_contract(name, contract, step.raises, step.where("raises"))
        for key in ("returns", "as"):
            if key in step.keys:
                self._found.add("SPEC085", "a call that raises returns nothing", step.where(key))
        if step.errno is not None:
            self._check_errno(step, step.errno, step.raises)
        if step.cause is not None:
            self._check_class(step.cause, step.where("cause"))
        self._check_words(step)
        self._check_carried(step, step.raises)
        for key, names in (("is_a", step.is_a), ("is_not", step.is_not)):
            for index, name in enumerate(names):
                self._check_class(name, step.where(f"{key}.{index}"))

    def _check_contract(
        self, name: str, contract: tuple[str, ...], raised: str, at: Position
    ) -> None:
        """Report an exception that a contract has not: misspelt, or left out of it."""
        listed = f"its contract is [{', '.join(contract)}]"
        hint = (
            f"{listed}; amend it if the call should"
            if self._is_exception(raised)
            else self._found.did_you_mean(raised, contract, listed)
        )
        self._found.add("SPEC085", f"'{name}' cannot raise {raised}", at, hint)

    def _check_words(self, step: Step) -> None:
        for index, words in enumerate(step.lacks):
            at = step.where(f"lacks.{index}")
            if not words:
                self._found.add("SPEC085", "every message has no words", at, "write some words")
            elif step.message is not None and words in step.message:
                self._found.add(
                    "SPEC085", f"'message' has the words '{words}'", at, "leave one of them out"
                )

    def _check_carried(self, step: Step, raised: str) -> None:
        """Check that the exception has each field, and that it can hold the value."""
        for name, value in step.carries.items():
            at = step.where(f"carries.{name}")
            part = self._symbols.field_of(raised, name)
            kind = kind_of_field(part) if part is not None else None
            if part is None:
                above = (self._symbols.types.get(one) for one in self._symbols.lineage(raised))
                known = [p.name for one in above if one is not None for p in one.public_fields]
                hint = f"it has {', '.join(known)}" if known else "it has none"
                self._found.add(
                    "SPEC085",
                    f"{raised} has no field '{name}'",
                    at,
                    self._found.did_you_mean(name, known, hint),
                )
            elif self._values.is_well_formed(value, at, self._scope) and kind is not None:
                wrong = self._values.misfit(value, kind, self._scope)
                if wrong is not None:
                    self._found.add("SPEC085", f"'{name}': {wrong}", at)

    def _check_errno(self, step: Step, name: str, raised: str) -> None:
        at = step.where("errno")
        numbers = {name for name, module in self._symbols.system.items() if module == _ERRORS}
        if name not in numbers:
            self._found.add(
                "SPEC085",
                f"'{name}' is no known error of the system's",
                at,
                self._found.did_you_mean(
                    name, numbers, f"list it under `system` in the file of types, with {_ERRORS}"
                ),
            )
        defined = self._symbols.types.get(raised)
        bases = (defined.python_bases if defined else ()) or (raised,)
        if not any(_is_system_error(base) for base in bases):
            self._found.add(
                "SPEC085", f"{raised} has no errno", at, f"only {_SYSTEM_ERROR} has one"
            )

    def _check_class(self, name: str, at: Position) -> None:
        if self._is_exception(name):
            return
        known = {label for label in dir(builtins) if label.endswith(("Error", "Exception"))}
        known |= {label for label, one in self._symbols.types.items() if one.kind == "exception"}
        self._found.add(
            "SPEC085", f"'{name}' is no exception", at, self._found.did_you_mean(name, known)
        )

    def _is_exception(self, name: str) -> bool:
        """Tell whether a name is that of an exception: of the specification, or of Python."""
        defined = self._symbols.types.get(name)
        if defined is not None and defined.kind == "exception":
            return True
        builtin = getattr(builtins, name.removeprefix(_BUILTINS), None)
        return isinstance(builtin, type) and issubclass(builtin, BaseException)

    def _check_result(self, step: Step, promise: Promise | None) -> None:
        at = step.where("returns")
        if "returns" not in step.keys or step.raises is not None:
            return
        is_well_formed = self._values.is_well_formed(step.returns, at, self._scope, any_value=True)
        if not is_well_formed or promise is None:
            return
        wrong = self._misfit(step, promise.results)
        if wrong is not None:
            self._found.add("SPEC085", f"'{promise.name}': {wrong}", at)

    def _misfit(self, step: Step, results: tuple[Kind | None, ...]) -> str | None:
        known = [kind for kind in results if kind is not None]
        if len(known) < len(results):
            return None
        if "value" in step.keys and self._values.is_number_of(step.returns, known[0]):
            return None
        return self._values.misfit_of_results(step.returns, known, self._scope)

    def _check_within(self, step: Step) -> None:
        at = step.where("within")
        match step.within:
            case None:
                return
            case (least, most) if least > most >= 0:
                self._found.add(
                    "SPEC085",
                    f"no time is at least {least} and at most {most} milliseconds",
                    at,
                    f"write [{most}, {least}]",
                )
            case (least, most) if least >= 0:
                return
            case _:
                self._found.add(
                    "SPEC085",
                    "'within' is [least, most] in milliseconds",
                    at,
                    "for example [50, 5000]",
                )


def _is_system_error(name: str) -> bool:
    """Tell whether an exception of Python, by its name, is an OSError."""
    found = getattr(builtins, name.removeprefix(_BUILTINS), None)
    return isinstance(found, type) and issubclass(found, OSError)
