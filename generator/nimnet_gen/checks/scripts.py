"""Peer scripts: each action does one thing, and can do it where it stands."""

from __future__ import annotations

from nimnet_gen.checks.value_forms import DATA, is_data
from nimnet_gen.model.declaration import Value
from nimnet_gen.model.evidence import PeerAction
from nimnet_gen.model.stage import Action, Beside
from nimnet_gen.source.diagnostics import Diagnostics, alternatives
from nimnet_gen.stage.matrix import Staged
from nimnet_gen.stage.script import Deed, Progress
from nimnet_gen.stage.setting import expanded


class Script:
    """The checks of one scenario's script, action by action."""

    def __init__(self, staged: Staged, found: Diagnostics) -> None:
        """Check against what is given, and the transports that the scenario runs on."""
        self._scenario = staged.scenario
        self._given = staged.given
        self._transports = staged.transports
        self._stage = staged.stage
        self._found = found
        self._actions = {action.name: action for action in staged.stage.actions}
        self._progress = Progress(staged.given)

    def check(self) -> None:
        """Check every action, and that signals and waits meet."""
        script = self._scenario.peer
        if not self._given.peer and "peer" in self._scenario.keys:
            self._found.add(
                "SPEC103",
                f"there is no peer given {self._given.name}",
                self._scenario.where("peer"),
                "leave `peer` out, or say `given:` what is ready",
            )
            return
        for index, entry in enumerate(script):
            action = self._action(entry)
            if action is None:
                continue
            at, value = entry.where(action.name), entry.does[action.name]
            self._check_value(entry, action, value)
            fault = self._misplaced(action, is_last=index == len(script) - 1)
            if fault is not None:
                self._found.add("SPEC102", fault[0], at, fault[1])
            self._progress.go_on(Deed(action, value, {}))
        self._check_signals()

    def _action(self, entry: PeerAction) -> Action | None:
        """Return what an item does, or None if it is not one thing."""
        done = [self._actions[name] for name in entry.does if name in self._actions]
        if len(done) != 1:
            self._found.add(
                "SPEC082",
                f"a peer does one thing at a time, not {len(done)}",
                entry.at,
                "write one list item for each",
            )
            return None
        for name, value in entry.does.items():
            if name not in self._actions:
                self._check_beside(entry, done[0], name, value)
        return done[0]

    def _check_beside(self, entry: PeerAction, action: Action, name: str, value: Value) -> None:
        """Check a number that stands beside an action."""
        known = {beside.name: beside for beside in action.beside}
        at = entry.where(name)
        if name not in known:
            owners = (
                one.name for one in self._stage.actions if name in {own.name for own in one.beside}
            )
            self._found.add("SPEC082", f"'{name}' belongs to '{next(owners)}'", at, "leave it out")
        else:
            self._check_number(known[name], value, entry)

    def _check_number(self, what: Action | Beside, value: Value, entry: PeerAction) -> None:
        if isinstance(value, int) and value <= 0:
            unit = f" of {what.unit}" if isinstance(what, Beside) and what.unit else ""
            self._found.add(
                "SPEC084",
                f"'{what.name}' is a positive number{unit}, not {value}",
                entry.where(what.name),
                "write 1 or more",
            )

    def _check_value(self, entry: PeerAction, action: Action, value: Value) -> None:
        at, key = entry.where(action.name), action.name
        match action.takes:
            case "data" if not is_data(value):
                self._found.add("SPEC084", f"'{key}' takes data", at, DATA)
            case "number":
                self._check_number(action, value, entry)
            case "switch" if value is False:
                self._found.add("SPEC082", f"'{key}: false' does nothing", at, "leave it out")
            case "signal" if not value:
                self._found.add("SPEC087", "a wait for no name", at, "name the signal")

    def _misplaced(self, action: Action, *, is_last: bool) -> tuple[str, str] | None:
        """Return what is wrong with the place of an action, and what would be right."""
        key, given = action.name, self._given
        if action.last and not is_last:
            return f"after '{key}' a peer does nothing more", f"put `{key}` last"
        if given.actions is not None and key not in given.actions:
            return (
                f"given {given.name}, the peer cannot '{key}'",
                f"it can {alternatives(given.actions)}",
            )
        if self._is_opening(key):
            return None if key == given.opens else self._wrong_opening(key)
        return self._unready(action) or self._misplaced_by_transport(action)

    def _is_opening(self, name: str) -> bool:
        return any(given.opens == name for given in self._stage.givens)

    def _wrong_opening(self, key: str) -> tuple[str, str]:
        wanted = [given.name for given in self._stage.givens if given.opens == key]
        if self._given.opens is not None:
            return (
                f"the peer cannot '{key}' given {self._given.name}",
                f"write `{self._given.opens}`",
            )
        return (
            f"given {self._given.name} the peer has begun already, and cannot '{key}'",
            f"say `given: {alternatives(wanted)}`",
        )

    def _unready(self, action: Action) -> tuple[str, str] | None:
        """Return the fault of an action that needs a state which does not hold, or None."""
        lacking = self._progress.lacking(action)
        if lacking is None:
            return None
        state = next(state for state in self._stage.states if state.name == lacking)
        ended = self._progress.ended_by(lacking)
        again = self._setting(lacking)
        if ended is None:
            return f"'{action.name}' {state.missing}", _hint_to_begin(again, self._holding(lacking))
        if ended.action is action:
            return f"a second '{action.name}': {state.over}", f"keep one `{action.name}`"
        message = f"'{action.name}' after `{ended.text}`: {state.over}"
        return message, f"put a new `{again}` before it" if again else "put it before"

    def _setting(self, state: str) -> str:
        """Return what makes a state hold, given what is given; an empty text if nothing does."""
        for action in self._stage.actions:
            if self._is_opening(action.name) and action.name != self._given.opens:
                continue
            if state in action.sets:
                return action.name
            for word in action.words:
                if state in word.sets:
                    return f"{action.name}: {word.word}"
        return ""

    def _holding(self, state: str) -> list[str]:
        """Return the givens where a state holds from the start."""
        return [given.name for given in self._stage.givens if state in given.begins]

    def _misplaced_by_transport(self, action: Action) -> tuple[str, str] | None:
        only, never = expanded(action.only, self._stage), expanded(action.never, self._stage)
        wrong = [name for name in self._transports if name in never or (only and name not in only)]
        if not wrong:
            return None
        rather = f"some of {', '.join(only)}" if only else f"others than {', '.join(never)}"
        message = f"'{action.name}' is not possible on {', '.join(wrong)}"
        if action.because:
            message += f": {action.because}"
        return message, f"restrict `transports` to {rather}"

    def _check_signals(self) -> None:
        waiting = [action.name for action in self._stage.actions if action.takes == "signal"]
        waits = [
            (name, str(entry.does[name]), entry.where(name))
            for entry in self._scenario.peer
            for name in waiting
            if name in entry.does
        ]
        signals = {step.signal for step in self._scenario.steps if step.signal is not None}
        for _, signal, at in waits:
            if signal and signal not in signals:
                self._found.add(
                    "SPEC087",
                    f"no step signals '{signal}'",
                    at,
                    self._found.did_you_mean(signal, signals, f"add {{signal: {signal}}}"),
                )
        known = {signal for _, signal, _ in waits}
        for step in self._scenario.steps:
            if step.signal is not None and step.signal not in known:
                hint = f"add {{{waiting[0]}: {step.signal}}}" if waiting else "it cannot wait"
                self._found.add(
                    "SPEC087",
                    f"the peer never waits for '{step.signal}'",
                    step.where("signal"),
                    self._found.did_you_mean(step.signal, known, hint),
                )


def _hint_to_begin(action: str, givens: list[str]) -> str:
    """Return how a state comes to hold: by an action, or by what is given."""
    ways = [f"put `{action}` before it"] if action else []
    if givens and not action:
        ways.append(f"say `given: {alternatives(givens)}`")
    return ", or ".join(ways)
