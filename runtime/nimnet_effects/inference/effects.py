"""What functions raise, as their callers see it, and by which way it came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from nimnet_effects.ir import Condition, Ignorance, Layer, Part, Site


class Origin(NamedTuple):
    """Where an exception comes from that a call raises: what it is in the function called."""

    helper: str
    part: Part
    exception: str
    condition: Condition


class Link(NamedTuple):
    """One step of the way of an exception: a line of a function, and what it calls there.

    Lines are all that it has of the place, for they tell nothing of what functions do. Those of the
    functions called are theirs to know.
    """

    module: str
    line: int
    callee: str
    """Empty for an explicit `raise`."""
    origin: Origin | None = None
    """What it is in the function called; None where the way ends."""


Chain: TypeAlias = tuple[Link, ...]
"""The steps of a way, without their origins."""


class Escape(NamedTuple):
    """An exception that leaves a flow, and the place in the flow where it comes from."""

    exception: str
    condition: Condition
    site: Site
    callee: str
    """Empty for an explicit `raise`."""


Escapes: TypeAlias = dict[Escape, Origin | None]
Raised: TypeAlias = dict[tuple[str, Condition], Link | None]


@dataclass(slots=True, eq=False)
class Effects:
    """What a function may raise, as its callers see it.

    Attributes:
        raises: by exception and condition, the step that it takes in the function; None for what it
            declares.
        ignorance: how much of what the function calls cannot be seen.
        layers: of a generator that makes a context manager, or of an `__exit__`: how it handles the
            exceptions of the block.
        imposes: of such a generator: what it imposes on the block.
        result: likewise, when the generator or the coroutine runs that it returns.
        closing: likewise, when it is a generator that is closed where it stands.
        declines: whether it may return `NotImplemented`.
    """

    raises: Raised = field(default_factory=dict)
    ignorance: Ignorance = Ignorance.NONE
    layers: tuple[Layer, ...] = ()
    imposes: tuple[str, ...] = ()
    result: Raised = field(default_factory=dict)
    closing: Raised = field(default_factory=dict)
    declines: bool = False

    def of(self, part: Part) -> Raised:
        """What a part of the function raises."""
        return (self.raises, self.result, self.closing)[part]

    def same(self, other: Effects) -> bool:
        """Whether callers see no difference but in the way that exceptions take."""
        return (
            self.raises.keys() == other.raises.keys()
            and self.result.keys() == other.result.keys()
            and self.closing.keys() == other.closing.keys()
            and self.declines == other.declines
            and self.ignorance == other.ignorance
            and self.layers == other.layers
            and self.imposes == other.imposes
        )


def join(into: Escapes, more: Escapes) -> None:
    """Add more; of several ways of one exception, the first stays."""
    for escape, origin in more.items():
        into.setdefault(escape, origin)
