"""One deliberate fault: a change of the runtime that makes a statement about it false."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class StaleFaultError(Exception):
    """The lines that a fault replaces do not stand in the runtime, or more than once."""


@dataclass(frozen=True)
class Fault:
    """A change of one file of the runtime.

    Attributes:
        name: A few words, unique in the catalogue.
        wrong: What the runtime does wrongly then.
        file: The file, as seen from the runtime's package.
        old: The lines to replace, which stand there exactly once, however far they are indented.
        new: What takes their place, indented as they are.
        about: The statements that say otherwise; a scenario of each must fail.
    """

    name: str
    wrong: str
    file: str
    old: str
    new: str
    about: tuple[str, ...]

    def apply(self, package: Path) -> None:
        """Makes the runtime in the folder `package` wrong.

        Raises:
            StaleFaultError: The runtime has changed, and the fault must follow it.
        """
        path = package / self.file
        lines = path.read_text(encoding="utf-8").splitlines()
        old = self.old.splitlines()
        places = [start for start in range(len(lines)) if _stands_at(lines, start, old)]
        if len(places) != 1:
            raise StaleFaultError(
                f"the lines to replace stand {len(places)} times in {self.file}, not once:"
                f" {old[0]!r}"
            )
        start = places[0]
        margin = _margin(lines[start], old[0])
        lines[start : start + len(old)] = [margin + line for line in self.new.splitlines()]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _stands_at(lines: Sequence[str], start: int, old: Sequence[str]) -> bool:
    if not lines[start].endswith(old[0]) or lines[start].strip() != old[0].strip():
        return False
    margin = _margin(lines[start], old[0])
    found = lines[start : start + len(old)]
    return [line.rstrip() for line in found] == [(margin + line).rstrip() for line in old]


def _margin(line: str, old: str) -> str:
    """Returns how much further than in the catalogue a line is indented in the runtime."""
    return line[: len(line) - len(old)]
