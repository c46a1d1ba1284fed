"""The numbers of an enum's members in Python."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.model.surface import EnumMember, Type


def numbered(entry: Type) -> Iterator[tuple[EnumMember, int | None]]:
    """Yield each member with its number; None where the system has it.

    They count from zero or from the one before, as Nim's do; in a set each is the next bit.
    """
    following = 0
    for member in entry.members:
        number = following if member.value is None else member.value
        following = number + 1
        if member.platform is not None:
            yield member, None
        else:
            yield member, 1 << number if entry.set else number
