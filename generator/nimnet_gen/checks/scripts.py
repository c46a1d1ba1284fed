"""Peer scripts: each action does one thing, and can do it where it stands."""

from __future__ import annotations

from typing import Final

from nimnet_gen.checks.value_forms import DATA, is_data
from nimnet_gen.model.evidence import Given, PeerAction, Scenario
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.stage.matrix import SECURED, given

_OPENED_BY: Final[dict[Given, str]] = {
    "client": "accept",
    "unwrapped": "accept",
    "server": "connect",
}
"""The action without which the peer has no connection; elsewhere it has one from the start."""

_DATA_ACTIONS: Final = ("send", "expect", "byte_by_byte", "garbage")
_SWITCHES: Final = ("expect_end", "close", "half_close", "drop", "reset", "silent")
_SENDS: Final = frozenset({"send", "byte_by_byte", "garbage", "half_close"})
_READS: Final = frozenset({"expect", "expect_end"})
_ENDS: Final = frozenset({"close", "drop", "reset"})
_OF_DATAGRAMS: Final = frozenset({"send", "expect", "wait_for", "silent"})
_ANYWHERE: Final = frozenset({"wait_for", "silent"})
"""Actions that need no connection."""


class Script:
    """The checks of one scenario's script, action by action."""

    def __init__(self, scenario: Scenario, transports: tuple[str, ...], found: Diagnostics) -> None:
        """Check against the transports that the scenario runs on."""
        self._scenario = scenario
        self._given = given(scenario)
        self._transports = transports
        self._found = found
        self._opening = _OPENED_BY.get(self._given)
        self._ended = "" if self._opening is None else "nothing"
        """What ended the current connection: empty while there is one."""
        self._sending = True
        self._reading = True
        self._secured = False
        self._clear = self._given == "unsecured"
        """Whether the current connection began without TLS, so that a handshake may come later."""

    def check(self) -> None:
        """Check every action, and that signals and waits meet."""
        script = self._scenario.peer
        if self._given == "nothing" and "peer" in self._scenario.keys:
            self._found.add(
                "SPEC103",
                "there is no peer where nothing is given",
                self._scenario.where("peer"),
                "leave `peer` out, or say `given:` what is ready",
            )
            return
        for index, action in enumerate(script):
            key = self._key(action)
            if key is None:
                continue
            self._check_value(action, key)
            self._check_place(action, key, is_last=index == len(script) - 1)
        self._check_signals()

    def _key(self, action: PeerAction) -> str | None:
        """Return what an action does, or None if it is not one thing."""
        keys = [key for key in action.keys if "." not in key]
        done = [key for key in keys if key != "every"]
        if len(done) != 1:
            self._found.add(
                "SPEC082",
                f"a peer does one thing at a time, not {len(done)}",
                action.at,
                "write one list item for each",
            )
            return None
        if "every" in keys:
            if done != ["byte_by_byte"]:
                self._found.add(
                    "SPEC082",
                    "'every' belongs to 'byte_by_byte'",
                    action.where("every"),
                    "leave it out",
                )
            elif action.every is not None and action.every <= 0:
                self._found.add(
                    "SPEC084",
                    f"'every' is a time in milliseconds, not {action.every}",
                    action.where("every"),
                    "write a positive number",
                )
        return done[0]

    def _check_value(self, action: PeerAction, key: str) -> None:
        at = action.where(key)
        value = getattr(action, key)
        if key in _DATA_ACTIONS and not is_data(value):
            self._found.add("SPEC084", f"'{key}' takes data", at, DATA)
        elif key in _SWITCHES and value is False:
            self._found.add("SPEC082", f"'{key}: false' does nothing", at, "leave it out")
        elif key == "wait_for" and not value:
            self._found.add("SPEC087", "a wait for no name", at, "name the signal")

    def _check_place(self, action: PeerAction, key: str, *, is_last: bool) -> None:
        """Check that the script can do an action after what it has done."""
        fault = self._misplaced(key, is_last=is_last)
        if fault is not None:
            self._found.add("SPEC102", fault[0], action.where(key), fault[1])
        if key in ("accept", "connect"):
            self._ended, self._sending, self._reading, self._secured = "", True, True, False
            self._clear = "plain" in (action.accept, action.connect)
        elif key in _ENDS:
            self._ended = f"`{key}`"
        elif key == "half_close":
            self._sending = False
        elif key == "expect_end":
            self._reading = False
        elif key == "secure":
            self._secured = True

    def _misplaced(self, key: str, *, is_last: bool) -> tuple[str, str] | None:
        """Return what is wrong with the place of an action, and what would be right."""
        if key == "silent" and not is_last:
            return "a peer that is silent does nothing more", "put `silent` last"
        if self._given == "datagrams":
            if key in _OF_DATAGRAMS:
                return None
            return f"a peer of datagrams cannot '{key}'", "send, expect, wait_for or silent"
        if key in ("accept", "connect"):
            return None if key == self._opening else self._wrong_opening(key)
        if key in _ANYWHERE:
            return None
        if self._ended:
            return self._closed(key)
        if key in _SENDS and not self._sending:
            return f"'{key}' after the peer has ended its sending side", "put it before"
        if key in _READS and not self._reading:
            return f"'{key}' after the end of the stream", "put it before `expect_end`"
        return self._misplaced_by_transport(key)

    def _misplaced_by_transport(self, key: str) -> tuple[str, str] | None:
        if key == "secure":
            if not self._clear:
                return (
                    f"'secure' on a connection that is not in the clear (given {self._given})",
                    "say `given: unsecured`, or open the connection `plain`",
                )
            if not set(self._transports) <= set(SECURED):
                return (
                    "'secure' begins TLS, but the scenario also runs without",
                    f"restrict `transports` to some of {', '.join(SECURED)}",
                )
            if self._secured:
                return "a second handshake on one connection", "keep one `secure`"
        if key == "garbage" and not set(self._transports) <= set(SECURED):
            return (
                "'garbage' goes beneath TLS, but the scenario also runs without",
                f"restrict `transports` to some of {', '.join(SECURED)}",
            )
        if key == "reset" and "unix" in self._transports:
            return (
                "a Unix socket cannot be reset",
                "restrict `transports` to others than unix",
            )
        return None

    def _wrong_opening(self, key: str) -> tuple[str, str]:
        wanted = [ready for ready, action in _OPENED_BY.items() if action == key]
        if self._opening is not None:
            return f"the peer cannot '{key}' given {self._given}", f"write `{self._opening}`"
        return (
            f"the peer has its connection given {self._given}, and cannot '{key}'",
            f"say `given: {' or '.join(wanted)}`",
        )

    def _closed(self, key: str) -> tuple[str, str]:
        again = f"a new `{self._opening}`" if self._ended != "nothing" else f"`{self._opening}`"
        if self._ended == "nothing":
            return f"'{key}' before there is a connection", f"put {again} before it"
        if self._opening is None:
            return f"'{key}' after {self._ended}", "put it before"
        return f"'{key}' after {self._ended}", f"put {again} before it"

    def _check_signals(self) -> None:
        signals = {step.signal for step in self._scenario.steps if step.signal is not None}
        waits = {action.wait_for for action in self._scenario.peer if action.wait_for is not None}
        for action in self._scenario.peer:
            if action.wait_for and action.wait_for not in signals:
                self._found.add(
                    "SPEC087",
                    f"no step signals '{action.wait_for}'",
                    action.where("wait_for"),
                    self._found.did_you_mean(
                        action.wait_for, signals, f"add {{signal: {action.wait_for}}}"
                    ),
                )
        for step in self._scenario.steps:
            if step.signal is not None and step.signal not in waits:
                self._found.add(
                    "SPEC087",
                    f"the peer never waits for '{step.signal}'",
                    step.where("signal"),
                    self._found.did_you_mean(
                        step.signal, waits, f"add {{wait_for: {step.signal}}}"
                    ),
                )
