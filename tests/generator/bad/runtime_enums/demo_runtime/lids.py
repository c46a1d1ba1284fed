"""Numbers of enums."""

from typing import Final


class Lid:
    """It lacks a member, and so numbers the next one otherwise."""

    SHUT = 0
    OPEN: Final = 1


class Mark:
    """It counts where bits are meant, and has one too many."""

    RED = 1
    BLUE = 3
    GREEN = 4


class Depth:
    """It is as it should be; what is no number is its own affair."""

    LOW = 3
    DEEP = 4
    NAME = "depth"


class System:
    """What the system numbers has no number here."""
