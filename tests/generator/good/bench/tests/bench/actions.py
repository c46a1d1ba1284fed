"""What somebody at the switch can do."""

from __future__ import annotations

from dataclasses import dataclass


class Action:
    """Something to do."""


@dataclass(frozen=True)
class Flicker(Action):
    """Interrupt the supply."""

    times: int
    pause: int = 0


class Settle(Action):
    """Let the light settle."""


@dataclass(frozen=True)
class Turn(Action):
    """Turn it on."""

    how: str = ""
    percent: int = 10
    by: str = ""


class Cut(Action):
    """Cut the supply."""


@dataclass(frozen=True)
class WaitFor(Action):
    """Go on after a signal."""

    name: str
