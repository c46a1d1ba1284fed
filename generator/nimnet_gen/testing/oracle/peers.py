"""The other end of a scenario, as the runner needs it; and the one of a project without a stage."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Protocol, Self


class Peer(Protocol):
    """What plays the script of a scenario while the program does its steps; a context manager.

    Leaving it without an exception demands that the script was played to its end.
    """

    def __enter__(self) -> Self:
        """Begin."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End, whatever the state of the script is."""

    def signal(self, name: str) -> None:
        """Let the script's wait for this name go on."""

    def reach(self, place: str) -> None:
        """Take what the program says of where it can be reached."""

    def finish(self) -> None:
        """Wait until the script is played."""

    def describe(self) -> str:
        """Return the script, with how far it is played."""

    def answer(self, name: str, folder: Path) -> object:
        """Return what the stage has under a name.

        Args:
            name: The name.
            folder: Where what has to be made for it can be put.
        """

    def canonical(self, observation: str) -> str:
        """Return an observation with names in place of what is different in each run."""


class NoPeer:
    """Nobody: there is no script, and the stage has no names."""

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End."""

    def signal(self, name: str) -> None:
        """Nobody waits."""

    def reach(self, place: str) -> None:
        """Nobody comes."""

    def finish(self) -> None:
        """There is nothing to play."""

    def describe(self) -> str:
        """Return that there is none."""
        return "no peer"

    def answer(self, name: str, folder: Path) -> object:
        """There are no names."""
        raise LookupError(f"the stage has no '{name}', in {folder} or elsewhere")

    def canonical(self, observation: str) -> str:
        """Return the observation itself."""
        return observation
