"""What a change asks of users, and a change with its words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Impact(Enum):
    """What a change asks of users; the gravest first."""

    BREAKING = "breaking"
    ADDITION = "addition"
    WORDING = "wording"
    INTERNAL = "internal"

    def is_at_least(self, other: Impact) -> bool:
        """Tell whether it is as grave as another one, or graver."""
        order = list(Impact)
        return order.index(self) <= order.index(other)


@dataclass(frozen=True)
class Added:
    """Something that users can name now, as they would look it up.

    Attributes:
        signature: how it is called, or what it is.
        raises: what may leave the call.
        tags: its effects.
        is_call: whether it is called, and so has a contract.
        since: the version of the original that has it first, if it is a later one than the
            documented one; else empty.
    """

    signature: str
    raises: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    is_call: bool = False
    since: str = ""


@dataclass(frozen=True)
class Change:
    """One change, in one sentence, with what it adds."""

    impact: Impact
    text: str
    added: tuple[Added, ...] = ()
