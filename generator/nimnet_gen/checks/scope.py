"""The names of a scenario: what the stage provides, what steps have bound, what the API defines."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import ChainMap
from functools import lru_cache
from typing import Final

from nimnet_gen.model.stage import GENERATED_NAMES, Given, Stage
from nimnet_gen.naming.kinds import Kind, kind_of_word
from nimnet_gen.naming.nimtypes import Named
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.stage import setting

_NAME: Final = re.compile(r"[a-z][a-z0-9_]*")

Scoped = ChainMap[str, Kind | None]
"""Names in layers: those of every scenario are shared, since there may be very many."""


class Scope:
    """What a step can refer to; a name without a kind is one whose type nobody states."""

    def __init__(
        self, names: Scoped, subject: str | None = None, reserved: frozenset[str] = GENERATED_NAMES
    ) -> None:
        """Begin with `names`.

        Args:
            names: the names that are there.
            subject: the one that methods are called on where a step names no object.
            reserved: what no step can bind, since generated tests use it themselves.
        """
        self._names = names.new_child()
        self._bound: set[str] = set()
        self._reserved = reserved
        self.subject = subject

    @classmethod
    def of_stage(cls, given: Given, stage: Stage, symbols: Symbols) -> Scope:
        """Return the names that are there before the first step."""
        names: dict[str, Kind | None] = {
            name.name: kind_of_word(name.type) for name in setting.names(given, stage)
        }
        subject = given.subject
        if subject is not None:
            names[subject.name] = Kind(Named(subject.type))
        return cls(
            ChainMap(names, of_the_api(symbols)),
            subject.name if subject is not None else None,
            GENERATED_NAMES | {variant.name for variant in stage.variants},
        )

    def __contains__(self, name: str) -> bool:
        """Tell whether the name is bound."""
        return name in self._names

    @property
    def names(self) -> frozenset[str]:
        """Every name that is bound."""
        return frozenset(self._names)

    def is_ready(self, owner: str) -> bool:
        """Tell whether the subject is an object of a type."""
        kind = self.kind(self.subject) if self.subject is not None else None
        return kind is not None and kind.name == owner

    def kind(self, name: str) -> Kind | None:
        """Return what is known of a name; None for nothing, or where there is no such name."""
        return self._names.get(name)

    def bind(self, name: str, kind: Kind | None, *, again: bool = True) -> None:
        """Make a name known; `again` says whether a later step can give it another value."""
        self._names[name] = kind
        if again:
            self._bound.add(name)

    def refusal(self, name: str, kind: Kind | None, *, again: bool = True) -> str | None:
        """Say why a step cannot bind a name, or None if it can.

        Args:
            name: the name.
            kind: what is known of the value. A name can get another value, of the same type.
            again: whether it may be bound already.
        """
        if not _NAME.fullmatch(name):
            return f"'{name}' is no name for a value"
        if name in self._names and not (again and name in self._bound):
            return f"'{name}' stands for something else already"
        known = self._names.get(name)
        if known is not None and kind is not None and known != kind:
            return f"'{name}' stands for a value of another type already"
        if keyword.iskeyword(name) or hasattr(builtins, name) or name in self._reserved:
            return f"'{name}' means something else in the generated test"
        return None


@lru_cache(maxsize=8)
def of_the_api(symbols: Symbols) -> dict[str, Kind | None]:
    """Return the constants and the enum members of the specification; they are never changed."""
    names: dict[str, Kind | None] = {}
    for name, members in symbols.members.items():
        names[name] = Kind(Named(members[0][0].name))
        for defined, _ in members:
            names[f"{defined.name}.{name}"] = Kind(Named(defined.name))
    for name, const in symbols.consts.items():
        node = symbols.const_type(const)
        names[name] = Kind(node, "text") if node is not None else None
    return names
