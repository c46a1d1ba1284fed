"""`match`: the values that patterns compare with, and the attributes that they read."""

from __future__ import annotations

from mypy.nodes import Expression, MatchStmt, NameExpr, TypeInfo
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
        self._frame.tests.append(o.subject)
        self.visit(o.subject)
        for index, (pattern, guard) in enumerate(zip(o.patterns, o.guards, strict=True)):
            self._pattern(pattern, o.subject)
            if guard is not None:
                self._condition(guard)
            self._case(o, index)

    def _case(self, o: MatchStmt, index: int) -> None:
        self._block_of(o.bodies[index])

    def _pattern(self, o: Pattern, subject: Expression | None) -> None:
        """What a pattern asks of a value, as far as that is known."""
        if isinstance(o, ValuePattern):
            self.visit(o.expr)
            if subject is not None:
                self._contrasted("==", subject, o.expr, o)
        elif isinstance(o, AsPattern):
            self._captured(o.name)
            if o.pattern is not None:
                self._pattern(o.pattern, subject)
        elif isinstance(o, OrPattern):
            for each in o.patterns:
                self._pattern(each, subject)
        elif isinstance(o, StarredPattern):
            self._captured(o.capture)
        elif isinstance(o, SequencePattern):
            self._looked_into(subject, ("__len__", "__getitem__"), o)
            for each in o.patterns:
                self._pattern(each, None)
        elif isinstance(o, MappingPattern):
            self._captured(o.rest)
            self._looked_into(subject, ("__len__", "get"), o)
            for each in o.values:
                self._pattern(each, None)
        elif isinstance(o, ClassPattern):
            self._class_pattern(o)

    def _class_pattern(self, o: ClassPattern) -> None:
        info = o.class_ref.node
        if isinstance(info, TypeInfo):
            self._class_named(info, "__instancecheck__", o)
            names = [*o.keyword_keys]
            if o.positionals:
                names += _match_args(info)[: len(o.positionals)]
            for name in names:
                self._emit(self._resolver.property(info, name, "get", False), NO_ACTUALS, o)
        for each in (*o.positionals, *o.keyword_values):
            self._pattern(each, None)

    def _looked_into(self, subject: Expression | None, names: tuple[str, ...], o: Pattern) -> None:
        if subject is not None:
            for name in names:
                self._called_on(self._type_of(subject), (name,), o)

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
