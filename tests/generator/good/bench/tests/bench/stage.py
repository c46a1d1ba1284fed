"""The stage: a bulb, and somebody at the switch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Literal

import bulbs

from bench.actions import Action, Cut, Flicker, Turn, WaitFor

VOLTS = {"mains": 230, "battery": 3}


class Place:
    """Somebody at the switch, who plays a script up to each wait."""

    maker = "us"

    def __init__(self, bulb: bulbs.Bulb, supply: str | None, script: Sequence[Action]) -> None:
        """Play the script to its first wait."""
        self._bulb = bulb._core
        self._supply = supply or ""
        self._script = list(script)
        self._play()

    @property
    def volts(self) -> int:
        """What the supply has."""
        return VOLTS[self._supply]

    def signal(self, name: str) -> None:
        """Let the script go on after its wait."""
        assert self._script.pop(0) == WaitFor(name)
        self._play()

    def finish(self) -> None:
        """Demand that the script has been played."""
        assert not self._script

    def _play(self) -> None:
        while self._script and not isinstance(self._script[0], WaitFor):
            match self._script.pop(0):
                case Flicker(times):
                    for _ in range(times):
                        self._bulb.interrupt()
                case Turn(percent=percent):
                    self._bulb.supply(self.volts, percent)
                case Cut():
                    self._bulb.supply(0, 0)


@contextmanager
def stage(
    given: Literal["lit", "dark", "shelf", "nothing"],
    transport: str | None = None,
    *,
    bulb: str = "led",
    script: Sequence[Action] = (),
    fitting: Literal["screw", "pin"] = "screw",
) -> Iterator[tuple[bulbs.Bulb, Place]]:
    """Make ready what a scenario is given."""
    assert fitting == "screw" or transport == "mains"
    light = bulbs.new_bulb(bulb)
    if given == "lit":
        light._core.supply(VOLTS[str(transport)], 50)
    place = Place(light, transport, script)
    yield light, place
    place.finish()
