"""Host names: what a scenario has the resolver answer can be, and is asked for."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

from nimnet_gen.model.evidence import HostAnswer
from nimnet_gen.model.stage import Resolver
from nimnet_gen.source.diagnostics import Diagnostics, alternatives
from nimnet_gen.source.position import Position
from nimnet_gen.stage import setting
from nimnet_gen.stage.matrix import Staged

_NAME: Final = re.compile(r"(?=.*[a-z])[a-z0-9-]+(\.[a-z0-9-]+)*")

_LONGEST_WAIT: Final = 10_000
"""Milliseconds that a resolver may take; a scenario that waits longer is too slow."""


class HostNames:
    """The host names of one scenario."""

    def __init__(self, staged: Staged, found: Diagnostics) -> None:
        """Check against what the scenario has of its stage."""
        self._scenario = staged.scenario
        self._staged = staged
        self._found = found

    def check(self) -> None:
        """Check every name, and its answer; without a resolver on the stage there are none."""
        resolver = self._staged.stage.resolver
        if resolver is None:
            return
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
            self._check_answer(answer, resolver)

    def _check_answer(self, answer: HostAnswer, resolver: Resolver) -> None:
        for index, text in enumerate(answer.addresses):
            if _address(text) is None:
                self._found.add(
                    "SPEC108",
                    f"'{text}' is no IP address",
                    answer.where(f"addresses.{index}"),
                    "the resolver gives addresses, not names",
                )
        for index, text in enumerate(answer.full):
            self._check_full(text, answer, answer.where(f"full.{index}"), resolver)
        if not 0 <= answer.after <= _LONGEST_WAIT:
            self._found.add(
                "SPEC108",
                f"a resolver may take up to {_LONGEST_WAIT} ms, not {answer.after}",
                answer.where("after"),
            )

    def _check_full(self, text: str, answer: HostAnswer, at: Position, resolver: Resolver) -> None:
        address = _address(text)
        own = _address(resolver.address or "")
        never = setting.expanded(resolver.never, self._staged.stage)
        has_port = self._staged.given.name in resolver.givens and set(never).isdisjoint(
            self._staged.transports
        )
        if text not in answer.addresses:
            self._found.add(
                "SPEC108",
                f"'{text}' is none of the addresses",
                at,
                self._found.did_you_mean(text, answer.addresses, "name it under `addresses`, too"),
            )
        elif not has_port:
            but = f", and not on {', '.join(never)}" if never else ""
            self._found.add(
                "SPEC108",
                "the peer has no port that could be full elsewhere",
                at,
                f"it has one given {alternatives(resolver.givens)}{but}" if resolver.givens else "",
            )
        elif address is None or address.version != 4 or not address.is_loopback or address == own:
            self._found.add(
                "SPEC108",
                f"no queue can be full at {text}",
                at,
                "another address of 127.0.0.0/8 than the peer's",
            )


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None
