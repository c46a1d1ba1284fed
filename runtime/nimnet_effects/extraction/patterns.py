"""`match`: the values that patterns compare with, and the attributes that they read."""

from __future__ import annotations

from mypy.nodes import MatchStmt, NameExpr, TypeInfo
from mypy.patterns import (
    AsPattern,
    ClassPattern,
    MappingPattern,
    OrPattern,
    Pattern,
    SequencePattern,
    StarredPattern,
    ValuePattern,
)
from mypy.types import Instance, LiteralType, TupleType, get_proper_type

from nimnet_effects.extraction.assignments import Assignments
from nimnet_effects.resolution.actuals import NO_ACTUALS


class Patterns(Assignments):
    """Notes what patterns call."""

    def _match_stmt(self, o: MatchStmt) -> None:
        self.visit(o.subject)
        for index, (pattern, guard) in enumerate(zip(o.patterns, o.guards, strict=True)):
            self._pattern(pattern)
            if guard is not None:
                self._condition(guard)
            self._case(o, index)
        if any(isinstance(pattern, ValuePattern) for pattern in o.patterns):
            self._operated(o.subject, "__eq__", o.subject)

    def _case(self, o: MatchStmt, index: int) -> None:
        self._block_of(o.bodies[index])

    def _pattern(self, o: Pattern) -> None:
        if isinstance(o, ValuePattern):
            self.visit(o.expr)
        elif isinstance(o, AsPattern):
            self._captured(o.name)
            if o.pattern is not None:
                self._pattern(o.pattern)
        elif isinstance(o, (OrPattern, SequencePattern)):
            for each in o.patterns:
                self._pattern(each)
        elif isinstance(o, StarredPattern):
            self._captured(o.capture)
        elif isinstance(o, MappingPattern):
            self._captured(o.rest)
            for each in o.values:
                self._pattern(each)
        elif isinstance(o, ClassPattern):
            info = o.class_ref.node
            if isinstance(info, TypeInfo):
                names = [*o.keyword_keys]
                if o.positionals:
                    names += _match_args(info)[: len(o.positionals)]
                for name in names:
                    targets = self._resolver.property(info, name, "get")
                    self._emit(targets, NO_ACTUALS, o)
            for each in (*o.positionals, *o.keyword_values):
                self._pattern(each)

    def _captured(self, name: NameExpr | None) -> None:
        if name is not None:
            self._bound(name.node)


def _match_args(info: TypeInfo) -> list[str]:
    symbol = info.get("__match_args__")
    typ = None if symbol is None else get_proper_type(symbol.type)
    if not isinstance(typ, TupleType):
        return []
    names: list[str] = []
    for item in typ.items:
        proper = get_proper_type(item)
        if isinstance(proper, Instance) and proper.last_known_value is not None:
            proper = proper.last_known_value
        if isinstance(proper, LiteralType) and isinstance(proper.value, str):
            names.append(proper.value)
    return names
