"""A peer's script, followed action by action: what holds before each, and what it changes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import PeerAction
from nimnet_gen.model.stage import Action, Given, Stage, Word


@dataclass(frozen=True)
class Deed:
    """What one item of a script does.

    Attributes:
        action: the action of the stage.
        value: its value.
        beside: the numbers beside it, by their names.
    """

    action: Action
    value: Value
    beside: Mapping[str, Value]

    @property
    def word(self) -> Word | None:
        """The word that the action has, if it takes one."""
        return next((word for word in self.action.words if word.word == self.value), None)

    @property
    def text(self) -> str:
        """The deed as a script has it, without data: `send`, or `open: quietly`."""
        return self.action.name if self.word is None else f"{self.action.name}: {self.value}"


def deed(entry: PeerAction, stage: Stage) -> Deed:
    """Return what an item of a script does that the checks have passed."""
    action = next(action for action in stage.actions if action.name in entry.does)
    beside = {name: value for name, value in entry.does.items() if name != action.name}
    return Deed(action, entry.does[action.name], beside)


class Progress:
    """The states of a peer while its script is followed."""

    def __init__(self, given: Given) -> None:
        """Begin where the script of a scenario with this given begins."""
        self._holding = set(given.begins)
        self._over: dict[str, Deed] = {}

    def lacking(self, action: Action) -> str | None:
        """Return the first state that an action needs and that does not hold, or None."""
        return next((name for name in action.needs if name not in self._holding), None)

    def ended_by(self, state: str) -> Deed | None:
        """Return what has ended a state, or None if it has not held."""
        return self._over.get(state)

    def go_on(self, deed: Deed) -> None:
        """Note what a deed changes: its action, and then its word."""
        self._change(deed, deed.action)
        if deed.word is not None:
            self._change(deed, deed.word)

    def _change(self, deed: Deed, change: Action | Word) -> None:
        for name in change.clears:
            self._holding.discard(name)
            self._over[name] = deed
        for name in change.sets:
            self._holding.add(name)
            self._over.pop(name, None)
