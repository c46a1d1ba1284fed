"""The catalogue of deliberate faults: `catalogue/*.yaml`, in the order of their names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import yaml

from faults.fault import Fault

_FOLDER: Final = Path(__file__).with_name("catalogue")
_TEXTS: Final = ("name", "wrong", "file", "old", "new")


class CatalogueError(Exception):
    """The catalogue is not what it should be; the message says where."""


def all_faults(folder: Path = _FOLDER) -> tuple[Fault, ...]:
    """Returns every fault.

    Raises:
        CatalogueError: An entry lacks a key, has one too many, or a name that is taken.
    """
    faults: dict[str, Fault] = {}
    for path in sorted(folder.glob("*.yaml")):
        for number, entry in enumerate(yaml.safe_load(path.read_text(encoding="utf-8")), start=1):
            place = f"{path.name}, entry {number}"
            fault = _fault(entry, place)
            if fault.name in faults:
                raise CatalogueError(f"{place}: there is a fault '{fault.name}' already")
            faults[fault.name] = fault
    return tuple(faults.values())


def _fault(entry: object, place: str) -> Fault:
    if not isinstance(entry, dict):
        raise CatalogueError(f"{place}: a fault is a mapping")
    if entry.keys() != {*_TEXTS, "about"}:
        raise CatalogueError(f"{place}: a fault has the keys {', '.join(_TEXTS)}, about")
    texts = {key: entry[key] for key in _TEXTS}
    about = entry["about"]
    if not all(isinstance(text, str) for text in texts.values()) or not texts["old"].strip():
        raise CatalogueError(f"{place}: {', '.join(_TEXTS)} are texts, and old is not empty")
    if not isinstance(about, list) or not about or not all(isinstance(x, str) for x in about):
        raise CatalogueError(f"{place}: about is a list of the ids of statements")
    return Fault(**texts, about=tuple(about))
