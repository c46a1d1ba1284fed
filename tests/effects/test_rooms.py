"""How the rooms of the plugin stand to each other: imports run one way."""

import ast
import re
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Final

import nimnet_effects
import pytest

FOLDER: Final = Path(nimnet_effects.__file__).parent
DRAWN: Final = ("resolution", "extraction")
"""The packages whose docstrings list their rooms, each after those that it knows."""


def name_of(path: Path) -> str:
    parts = path.relative_to(FOLDER.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


ROOMS: Final = {name_of(path): path for path in sorted(FOLDER.rglob("*.py"))}


def imported(path: Path) -> Iterator[str]:
    """Yields the rooms that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names if alias.name in ROOMS)
            case ast.ImportFrom(str(module), names, 0) if module in ROOMS:
                for alias in names:
                    room = f"{module}.{alias.name}"
                    yield room if room in ROOMS else module
            case ast.ImportFrom(level=1 | 2):
                pytest.fail(f"{path}:{node.lineno}: a relative import")


IMPORTS: Final = {room: frozenset(imported(path)) for room, path in ROOMS.items()}


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
