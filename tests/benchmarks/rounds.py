"""Who is measured when: two sides that take turns, in several pairs of fresh processes."""

import contextlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, TypeAlias

from benchmarks.samples import Contender, Pair

Side: TypeAlias = Callable[[], AbstractContextManager[Contender]]
"""Starts one side, with what it needs, for one sitting."""


@dataclass(frozen=True)
class Effort:
    """How much is done for one row and build.

    What a process is dealt at its start (where its memory lies, for example) makes all its blocks a
    little faster or slower. So there are several sittings, each with processes of its own.

    Attributes:
        sittings: How many there are in any case.
        most: How many there are at most, where the others leave the verdict open.
        rounds: How many blocks each side has in a sitting.
        block: How long one is about to take, in seconds.
    """

    sittings: int
    most: int
    rounds: int
    block: float


FULL: Final = Effort(sittings=5, most=15, rounds=9, block=0.02)
QUICK: Final = Effort(sittings=1, most=1, rounds=3, block=0.004)


def alternate(
    theirs: Side | None, ours: Side, effort: Effort, settled: Callable[[Sequence[Pair]], bool]
) -> list[Pair]:
    """Measures two sides until enough is known.

    Args:
        theirs: The peer's side; None where there is nothing to compare with.
        ours: nimnet's.
        effort: How much is done.
        settled: Whether the rounds so far leave nothing open.
    """
    pairs: list[Pair] = []
    for sitting in range(effort.most):
        if sitting >= effort.sittings and settled(pairs):
            break
        with contextlib.ExitStack() as stack:
            peer = stack.enter_context(theirs()) if theirs else None
            own = stack.enter_context(ours())
            for number in range(effort.rounds):
                if peer is None:
                    alone = own.sample()
                    pairs.append(Pair(sitting, alone, alone))
                elif number % 2:
                    # Who is first has what the other has left in the caches.
                    mine = own.sample()
                    pairs.append(Pair(sitting, peer.sample(), mine))
                else:
                    taken = peer.sample()
                    pairs.append(Pair(sitting, taken, own.sample()))
    return pairs
