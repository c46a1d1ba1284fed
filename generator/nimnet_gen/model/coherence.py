"""A stage alone: its names can be told apart, and stand for something where they are used.

All that scenarios can say rests on it, so nothing else is read before it is right.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Final, Protocol

from nimnet_gen.model.declaration import Located
from nimnet_gen.model.evidence import NimVerdict, Scenario
from nimnet_gen.model.shapes import Shapes
from nimnet_gen.model.stage import GENERATED_NAMES, NOTHING, Action, Given, Setting, Stage, Word
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")
_MODULE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*")
_RECORDED: Final = frozenset(
    {"test", "place", "statement", "scenario", "forms", "outcome", "seconds", "text", "verdict"}
    | {"observed", "why", "proc", "script", "patience", "dropped", "inexpressible"}
)
"""Keys that have another meaning in the records of runs, and in what the oracle is told."""


def check_coherence(stage: Stage, found: Diagnostics) -> None:
    """Check that a stage does not contradict itself."""
    room = _Room(stage, found)
    room.check_names()
    room.check_references()
    room.check_actions()
    room.check_python()


class _Room:
    def __init__(self, stage: Stage, found: Diagnostics) -> None:
        self._stage = stage
        self._found = found
        self._transports = frozenset(stage.transports)
        self._places = self._transports | {group.name for group in stage.groups}
        self._givens = {given.name for given in stage.givens}
        self._states = {state.name for state in stage.states}
        self._actions = {action.name: action for action in stage.actions}

    # ---- names

    def check_names(self) -> None:
        """Check that every name is one, and that no two things have the same."""
        stage = self._stage
        taken = frozenset((*Shapes().of(Scenario).fields, *Shapes().of(NimVerdict).fields))
        places = _listed(stage, "transports", stage.transports)
        self._distinct("transport or group", chain(places, _named(stage.groups)))
        keys = chain(_named(stage.variants), _named(stage.settings))
        self._distinct("variant or setting", keys, taken | GENERATED_NAMES | _RECORDED)
        self._distinct("given", _named(stage.givens), frozenset({NOTHING}))
        self._distinct("name", _named(stage.names))
        self._distinct("state", _named(stage.states))
        beside = chain.from_iterable(_named(action.beside) for action in stage.actions)
        self._distinct("action", chain(_named(stage.actions), beside))
        for variant in stage.variants:
            self._distinct("value", _listed(variant, "values", variant.values))
        for setting in stage.settings:
            self._distinct("choice", _listed(setting, "choices", setting.choices))
        for action in stage.actions:
            self._distinct("word", ((word.word, word.where("word")) for word in action.words))
        taken = GENERATED_NAMES | {name.name for name in stage.names}
        for given in stage.givens:
            if given.subject is not None:
                self._distinct("subject", _named([given.subject]), taken)

    def _distinct(
        self,
        what: str,
        names: Iterable[tuple[str, Position]],
        taken: frozenset[str] = frozenset(),
    ) -> None:
        known: set[str] = set()
        for name, at in names:
            if not _NAME.fullmatch(name) or keyword.iskeyword(name):
                hint = "lower-case letters, digits and underscores"
                self._found.add("SPEC120", f"'{name}' is no name of a {what}", at, hint)
            elif name in taken:
                self._found.add(
                    "SPEC120", f"'{name}' means something else already", at, "choose another name"
                )
            elif name in known:
                self._found.add("SPEC120", f"a second {what} '{name}'", at, "choose another name")
            known.add(name)

    # ---- references

    def check_references(self) -> None:
        """Check that what one part of the stage says of another is there."""
        stage = self._stage
        for group in stage.groups:
            self._known("transport", group, "transports", group.transports, self._transports)
            if not group.transports:
                at = group.where("transports")
                self._found.add("SPEC122", f"no transport in '{group.name}'", at, "name one")
        if stage.default is not None:
            self._known("given", stage, "default", (stage.default,), self._givens)
        for given in stage.givens:
            self._check_given(given)
        for name in stage.names:
            self._known("given", name, "givens", name.givens, self._givens)
            self._known_places(name, name.only, name.never)
        for setting in stage.settings:
            self._check_setting(setting)
        if stage.resolver is not None:
            self._known("given", stage.resolver, "givens", stage.resolver.givens, self._givens)
            self._known_places(stage.resolver, (), stage.resolver.never)

    def _check_given(self, given: Given) -> None:
        groups = {group.name for group in self._stage.groups}
        if given.transports is not None:
            self._known("group", given, "transports", (given.transports,), groups)
        variants = {variant.name for variant in self._stage.variants}
        self._known("variant", given, "variants", given.variants, variants)
        self._known("action", given, "actions", given.actions, self._actions)
        if given.opens is not None:
            self._known("action", given, "opens", (given.opens,), self._actions)
        self._known("state", given, "begins", given.begins, self._states)
        for key in ("opens", "begins", "actions"):
            if not given.peer and key in given.keys:
                self._found.add(
                    "SPEC122",
                    f"'{key}' is of a peer, and given {given.name} there is none",
                    given.where(key),
                    "leave it out, or `peer: false`",
                )

    def _check_setting(self, setting: Setting) -> None:
        self._known_places(setting, setting.only, ())
        self._known("choice", setting, "default", (setting.default,), setting.choices)
        for place in setting.where_ or ():
            self._known("given", place, "given", (place.given,), self._givens)
            if place.action is not None:
                self._known("action", place, "action", (place.action,), self._actions)
            action = self._actions.get(place.action or "")
            if place.word is not None and action is not None:
                words = [word.word for word in action.words]
                self._known("word", place, "word", (place.word,), words)

    def _known_places(
        self, located: Located, only: tuple[str, ...], never: tuple[str, ...]
    ) -> None:
        for key, listed in (("only", only), ("never", never)):
            self._known("transport or group", located, key, listed, self._places)

    def _known(
        self,
        what: str,
        located: Located,
        key: str,
        names: tuple[str, ...] | None,
        known: Iterable[str],
    ) -> None:
        """Report each name under a key of an entry that is none of the known ones."""
        listed = sorted(known)
        for index, name in enumerate(names or ()):
            if name not in listed:
                hint = f"one of {', '.join(listed)}" if listed else "the stage has none"
                self._found.add(
                    "SPEC121",
                    f"there is no {what} '{name}'",
                    located.where(f"{key}.{index}"),
                    self._found.did_you_mean(name, listed, hint),
                )

    # ---- actions

    def check_actions(self) -> None:
        """Check that each action can be what it says, and changes states that there are."""
        for action in self._stage.actions:
            self._known_places(action, action.only, action.never)
            self._known("state", action, "needs", action.needs, self._states)
            changes: tuple[Action | Word, ...] = (action, *action.words)
            for change in changes:
                self._known("state", change, "sets", change.sets, self._states)
                self._known("state", change, "clears", change.clears, self._states)
            self._check_words(action)
            self._check_text(action, "says", action.says, has_value=action.takes != "switch")
            for beside in action.beside:
                self._check_text(beside, "says", beside.says, has_value=True)

    def _check_words(self, action: Action) -> None:
        if action.takes == "word" and not action.words:
            fault = f"'{action.name}' takes a word, and has none"
            self._found.add("SPEC122", fault, action.where("takes"), "list its `words`")
        elif action.takes != "word" and action.words:
            fault = f"'{action.name}' has words, and takes none"
            self._found.add("SPEC122", fault, action.where("words"), "write `takes: word`")

    def _check_text(self, located: Located, key: str, text: str, *, has_value: bool) -> None:
        """Check that words have a place for the value, and no other."""
        fields = re.findall(r"\{[^}]*\}?|\}", text)
        if fields != (["{value}"] if has_value else []):
            right = (
                "write {value} once, where the value belongs" if has_value else "it has no value"
            )
            self._found.add("SPEC122", "words that do not fit the value", located.where(key), right)

    # ---- Python

    def check_python(self) -> None:
        """Check the names of Python's modules and classes."""
        stage = self._stage
        self._check_module(stage, "module", stage.module)
        if stage.actions:
            self._check_module(stage, "actions_module", stage.actions_module)
        if stage.resolver is not None:
            self._check_module(stage.resolver, "module", stage.resolver.module)
        for action in stage.actions:
            if not action.class_.isidentifier() or keyword.iskeyword(action.class_):
                self._found.add(
                    "SPEC122",
                    f"'{action.class_}' is no name of a Python class",
                    action.where("class"),
                )

    def _check_module(self, located: Located, key: str, name: str) -> None:
        if key not in located.keys:
            self._found.add(
                "SPEC122",
                f"`{key}` is missing",
                located.at,
                "say which module of Python the generated tests import",
            )
            return
        if not _MODULE.fullmatch(name) or any(map(keyword.iskeyword, name.split("."))):
            self._found.add(
                "SPEC122",
                f"'{name}' is no name of a Python module",
                located.where(key),
                "write the module that the generated tests import: names with dots between them",
            )


class _HasName(Protocol):
    @property
    def name(self) -> str: ...
    def where(self, key: str) -> Position: ...


def _named(entries: Iterable[_HasName]) -> Iterator[tuple[str, Position]]:
    for entry in entries:
        yield entry.name, entry.where("name")


def _listed(located: Located, key: str, names: tuple[str, ...]) -> Iterator[tuple[str, Position]]:
    for index, name in enumerate(names):
        yield name, located.where(f"{key}.{index}")
