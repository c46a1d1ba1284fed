"""Which modules a package has, and what each of them imports."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path


def rooms_of(folder: Path) -> dict[str, Path]:
    """Returns the files of a package, by the full names of its modules."""
    return {_name_of(path, folder): path for path in sorted(folder.rglob("*.py"))}


def imports_of(rooms: Mapping[str, Path]) -> dict[str, frozenset[str]]:
    """Returns what each room imports, wherever in it; of its own package the rooms alone.

    Raises:
        ValueError: One imports relatively, which names no module.
    """
    return {room: frozenset(_imported(path, rooms)) for room, path in rooms.items()}


def _name_of(path: Path, folder: Path) -> str:
    parts = path.relative_to(folder.parent).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imported(path: Path, rooms: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Import(names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(str(module), names, 0):
                for alias in names:
                    room = f"{module}.{alias.name}"
                    yield room if room in rooms else module
            case ast.ImportFrom():
                raise ValueError(f"{path}:{node.lineno}: a relative import")
