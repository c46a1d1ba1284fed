"""What the README shows is what happens."""

from __future__ import annotations

import doctest
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"


def test_what_it_shows() -> None:
    result = doctest.testfile(str(README), module_relative=False)
    assert (result.failed, result.attempted) == (0, 4)
