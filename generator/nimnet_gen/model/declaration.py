"""How the classes of a specification are declared, and what every entry has.

The classes mirror the YAML. A field is a key of the same name (a trailing underscore only keeps a
Python keyword apart), its annotation says what the key accepts, and its metadata is the key's
documentation. `load` decodes from these declarations and `schema` prints them as JSON Schema, so
that neither can drift from the other.

Every object knows where it came from: `at` is its own position, `where(key)` that of a key's value.
Each entry is itself and equal to no other, and so can be a key; generated comparisons would take
longer to make than all of a specification to decode.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from nimnet_gen.source.position import Position

Scalar = str | int | float | bool | None
Value = Scalar | tuple["Value", ...] | Mapping[str, "Value"]

_T = TypeVar("_T")
OneOrMore = tuple[_T, ...]
"""A list that is written without its brackets where it has a single item."""


def described(text: str) -> dict[str, str]:
    """Return the metadata of a field: the description that editors show for its key."""
    return {"doc": text}


def offered(text: str, by: str) -> dict[str, str]:
    """Return that of a field whose possible words are what the stage offers under a name."""
    return {"doc": text, "choices": by}


def facility(text: str, name: str) -> dict[str, str]:
    """Return that of a field whose key is there only if the stage has a facility of this name."""
    return {"doc": text, "facility": name}


def gathered(by: str) -> dict[str, str]:
    """Return that of a field that is no key, but holds the values of keys that the stage adds."""
    return {"doc": "", "keys": by}


def shorthand(text: str) -> dict[str, str]:
    """Return that of the field which a bare text or list stands for, in place of a mapping."""
    return {"doc": text, "shorthand": "yes"}


@dataclass(frozen=True, kw_only=True, repr=False, eq=False)
class Located:
    """Anything read from a mapping of the specification."""

    at: Position
    keys: Mapping[str, Position]

    def where(self, key: str) -> Position:
        """Return the position of the value under `key`, or of the whole object without that key.

        `raises.1` is the second item of a list of texts, `with.size` the value of a free key;
        without such an item the position is the list's.
        """
        position = self.keys.get(key)
        if position is None:
            position = self.keys.get(key.partition(".")[0], self.at)
        return position


EXTENSION: Final = "extension"
"""How readers are told that something is the package's own."""


class Marked:
    """What the documentation may lack: it is the package's own, or a later version has it.

    No entry has both marks. What is marked stands beside the documentation's words, never in their
    place.
    """

    extension: bool
    since: str | None

    @property
    def is_documented(self) -> bool:
        """Whether the documentation has it."""
        return not self.extension and self.since is None

    @property
    def mark(self) -> str:
        """How readers are told that the documentation lacks it; empty where it has it."""
        return _since(self.since) or (EXTENSION if self.extension else "")


class Dated:
    """What a later version may have where the documentation has it otherwise, or not at all."""

    since: str | None

    @property
    def mark(self) -> str:
        """How readers are told that the documentation lacks it; empty where it has it."""
        return _since(self.since)


def _since(version: str | None) -> str:
    return f"since {' '.join(version.split())}" if version is not None else ""
