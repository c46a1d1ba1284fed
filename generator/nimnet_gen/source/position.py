"""Where something stands in the specification's text."""

from __future__ import annotations

from typing import NamedTuple


class Position(NamedTuple):
    """A place in a file: lines and columns count from one, columns in characters."""

    file: str
    line: int
    column: int
