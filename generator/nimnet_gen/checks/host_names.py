"""Host names: what a scenario has the resolver answer can be, and is asked for."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from nimnet_gen.model.evidence import HostAnswer, Scenario
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position
from nimnet_gen.stage import matrix

_NAME: Final = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*")

_LISTENS: Final = frozenset({"connection", "client", "unwrapped", "unsecured"})
"""What is given where the peer has a port at which others can be full, too."""

_PEER: Final = ipaddress.ip_address("127.0.0.1")

_LONGEST_WAIT: Final = 10_000
"""Milliseconds that a resolver may take; a scenario that waits longer is too slow."""


class HostNames:
    """The host names of one scenario."""

    def __init__(self, scenario: Scenario, transports: tuple[str, ...], found: Diagnostics) -> None:
        """Check for these transports."""
        self._scenario = scenario
        self._found = found
        self._has_port = matrix.given(scenario) in _LISTENS and "unix" not in transports

    def check(self) -> None:
        """Check every name, and its answer."""
        asked = {
            value
            for step in self._scenario.steps
            for value in step.with_.values()
            if isinstance(value, str)
        }
        for host, answer in self._scenario.names.items():
            at = self._scenario.where(f"names.{host}")
            if not _NAME.fullmatch(host):
                self._found.add(
                    "SPEC108", f"'{host}' is no host name", at, "write it in lower case"
                )
            elif host not in asked:
                self._found.add(
                    "SPEC108",
                    f"no step asks for '{host}'",
                    at,
                    self._found.did_you_mean(host, asked, "leave it out"),
                )
            self._check_answer(answer)

    def _check_answer(self, answer: HostAnswer) -> None:
        for index, text in enumerate(answer.addresses):
            if _address(text) is None:
                self._found.add(
                    "SPEC108",
                    f"'{text}' is no IP address",
                    answer.where(f"addresses.{index}"),
                    "the resolver gives addresses, not names",
                )
        for index, text in enumerate(answer.full):
            self._check_full(text, answer, answer.where(f"full.{index}"))
        if not 0 <= answer.after <= _LONGEST_WAIT:
            self._found.add(
                "SPEC108",
                f"a resolver may take up to {_LONGEST_WAIT} ms, not {answer.after}",
                answer.where("after"),
            )

    def _check_full(self, text: str, answer: HostAnswer, at: Position) -> None:
        address = _address(text)
        if text not in answer.addresses:
            self._found.add(
                "SPEC108",
                f"'{text}' is none of the addresses",
                at,
                self._found.did_you_mean(text, answer.addresses, "name it under `addresses`, too"),
            )
        elif not self._has_port:
            self._found.add(
                "SPEC108",
                "the peer has no port that could be full elsewhere",
                at,
                "it has one where it listens, given connection or client, and not on unix",
            )
        elif address is None or address.version != 4 or not address.is_loopback or address == _PEER:
            self._found.add(
                "SPEC108",
                f"no queue can be full at {text}",
                at,
                "another address of 127.0.0.0/8 than the peer's, such as 127.0.0.2",
            )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
