"""What a work is to a worker: something that is done so many times, with the clock running."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeAlias

from benchmarks.tasks import Task


def _nothing(_count: int) -> None:
    """What many works do before and after."""


@dataclass(frozen=True)
class Block:
    """One work, ready to be done.

    Attributes:
        run: Does it so many times; this is what is measured.
        before: What has to be done before that many, unmeasured.
        after: What has to be done after that many, unmeasured.
        most: How many times it is done in one run; more are several.
        facts: What is to be told of it, and must be the same on both sides.
    """

    run: Callable[[int], None]
    before: Callable[[int], None] = _nothing
    after: Callable[[int], None] = _nothing
    most: int = 1 << 62
    facts: str = ""


Work: TypeAlias = Callable[[Task], AbstractContextManager[Block]]
"""Opens what the work needs, for as long as the context lasts."""
