"""The file of types: each of its entries says one thing, and says it once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nimnet_gen.checks.contracts import is_exception
from nimnet_gen.model.mappings import ContractRule, SystemNames, TypeMapping
from nimnet_gen.model.surface import Callable, Spec
from nimnet_gen.naming import effective
from nimnet_gen.naming.contracts import excepted
from nimnet_gen.naming.nimtypes import NimSyntaxError
from nimnet_gen.naming.python_types import BUILTIN_TYPES
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_KEY_OF: Final[Mapping[str, str]] = {"integer": "range", "class": "python"}
"""The key that a type needs which becomes this; no other may have it."""

_NAME: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_DOTTED: Final = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*", re.ASCII)


def check_mappings(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check the types, the rules and the system's names that the specification mentions."""
    room = _Room(symbols, found)
    for mapped in spec.types.types:
        room.check_type(mapped)
    params = {
        param.name for module in spec.modules for entry in module.procs for param in entry.params
    }
    for module in spec.modules:
        for defined in module.types:
            for name in defined.numbers:
                if name not in params:
                    found.add(
                        "SPEC096",
                        f"no callable has a parameter '{name}'",
                        defined.where("numbers"),
                        found.did_you_mean(name, params, "drop it"),
                    )
    for rule in spec.types.rules:
        if rule.param not in params:
            # A rule that binds nobody would be one that nobody keeps.
            found.add(
                "SPEC096",
                f"no callable has a parameter '{rule.param}'",
                rule.where("param"),
                found.did_you_mean(rule.param, params, "drop the rule"),
            )
        is_exception(rule.raises, rule.where("raises"), symbols, found)
        _check_conditions(rule, symbols, found)
        room.once(f"a rule for {rule.param}", rule.where("param"))
    for names in spec.types.system:
        room.check_system(names)


def _check_conditions(rule: ContractRule, symbols: Symbols, found: Diagnostics) -> None:
    """Check when a rule's exception is raised: without which value, and in whose block."""
    if rule.unless is not None and not _is_excepted(rule.unless):
        found.add(
            "SPEC051",
            f"'{rule.unless}' is no value that stands for itself, and no range",
            rule.where("unless"),
            "a number, a text, true, false or nil, or numbers from lowest to highest: `0 .. 9`",
        )
    name = rule.imposed_by
    if name is None:
        return
    if name not in symbols.callables:
        hint = found.did_you_mean(name, symbols.callables, "drop the key")
        found.add("SPEC096", f"there is no callable '{name}'", rule.where("imposed_by"), hint)
    elif not any(_is_entered(entry, symbols) for entry in symbols.callables[name]):
        found.add(
            "SPEC096",
            f"what '{name}' returns has no block: it cannot be entered",
            rule.where("imposed_by"),
            "name a callable that returns a type with an `__enter__`",
        )


def _is_excepted(text: str) -> bool:
    try:
        return bool(excepted(text))
    except NimSyntaxError:
        return False


def _is_entered(entry: Callable, symbols: Symbols) -> bool:
    """Tell whether a `with` statement takes what a callable returns."""
    result = effective.result(entry)
    entering = symbols.callables.get("__enter__", ())
    owners = [owner.name for one in entering if (owner := symbols.owner(one)) is not None]
    return result is not None and result.type in owners


class _Room:
    def __init__(self, symbols: Symbols, found: Diagnostics) -> None:
        self._symbols = symbols
        self._found = found
        self._seen: dict[str, Position] = {}

    def once(self, meaning: str, at: Position) -> None:
        """Report what is there already."""
        first = self._seen.setdefault(meaning, at)
        if first is not at:
            where = f"the first is at {first.file}:{first.line}:{first.column}"
            self._found.add("SPEC030", f"there is {meaning} already", at, where)

    def check_type(self, mapped: TypeMapping) -> None:
        at = mapped.where("name")
        self.once(f"a type {mapped.name}", at)
        if mapped.name in BUILTIN_TYPES:
            self._found.add("SPEC030", f"'{mapped.name}' is a type of Nim's own", at, "drop it")
        elif mapped.name in self._symbols.types:
            self._found.add(
                "SPEC030",
                f"'{mapped.name}' is a type that the specification defines",
                at,
                "drop it here, or there",
            )
        for kind, key in _KEY_OF.items():
            if kind == mapped.is_ and key not in mapped.keys:
                self._found.add(
                    "SPEC022", f"a type that becomes {kind} needs the key '{key}'", mapped.at
                )
            elif kind != mapped.is_ and key in mapped.keys:
                self._found.add(
                    "SPEC046",
                    f"'{key}' does not belong to a type that becomes {mapped.is_}",
                    mapped.where(key),
                    f"it belongs to {kind}",
                )
        if mapped.range is not None and (
            len(mapped.range) != 2 or mapped.range[0] > mapped.range[1]
        ):
            self._found.add(
                "SPEC024",
                "a range is [lowest, highest]",
                mapped.where("range"),
                "for example [0, 65535]",
            )
        python = mapped.python
        if python is not None and not ("." in python and _DOTTED.fullmatch(python)):
            self._found.add(
                "SPEC032", f"'{python}' is no class with its module", mapped.where("python")
            )

    def check_system(self, names: SystemNames) -> None:
        if not _DOTTED.fullmatch(names.module):
            self._found.add(
                "SPEC032", f"'{names.module}' is no module of Python", names.where("module")
            )
        for index, name in enumerate(names.names):
            at = names.where(f"names.{index}")
            self.once(f"a number {name} of the system", at)
            if not _NAME.fullmatch(name):
                self._found.add("SPEC032", f"'{name}' is no Python name", at)
