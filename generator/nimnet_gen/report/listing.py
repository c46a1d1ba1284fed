"""The view of a file of the specification as a page with numbered lines.

The report's links go there: browsers show a YAML file without any place to jump to, if at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nimnet_gen.files.places import LISTINGS, PAGE


@dataclass(frozen=True)
class ListingView:
    """The page of one file."""

    file: str
    lines: tuple[str, ...]
    back: str


def listing_view(file: str, lines: Sequence[str]) -> ListingView:
    """Return the view of a file with these lines."""
    back = "../" * listing_path(file).count("/") + PAGE.name
    return ListingView(file, tuple(line.rstrip("\r\n") for line in lines), back)


def listing_path(file: str) -> str:
    """Return where the page of a file is, relative to the report's own: modules share names."""
    return f"{LISTINGS}/{file}.html"
