"""How the rooms of the plugin stand to each other: imports run one way."""

import ast
import re
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import nimnet_effects
import pytest
from harness.rooms import imports_of, rooms_of

FOLDER: Final = Path(nimnet_effects.__file__).parent
DRAWN: Final = ("resolution", "extraction", "inference", "session")
"""The packages whose docstrings list their rooms, each after those that it knows."""

ROOMS: Final = rooms_of(FOLDER)
IMPORTS: Final = imports_of(ROOMS)


def test_no_room_comes_back_to_itself() -> None:
    """Neither when it is loaded, nor for types alone or inside of a function."""
    TopologicalSorter(IMPORTS).prepare()  # a CycleError shows the circle


@pytest.mark.parametrize("package", DRAWN)
def test_each_room_knows_only_those_before_it(package: str) -> None:
    docstring = ast.get_docstring(ast.parse((FOLDER / package / "__init__.py").read_text()))
    assert docstring is not None
    inside = f"{nimnet_effects.__name__}.{package}."
    drawn = [inside + room for room in re.findall(r"^    (\w+) +", docstring, re.MULTILINE)]
    assert set(drawn) == {room for room in ROOMS if room.startswith(inside)}
    for place, room in enumerate(drawn):
        assert IMPORTS[room].isdisjoint(drawn[place:]), room
