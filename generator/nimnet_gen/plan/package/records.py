"""What a record is in code: its fields, how it crosses to the runtime, when two are the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from nimnet_gen.naming.special import EQUALITY, SELF, Special
from nimnet_gen.plan.api import Form, Record, RecordField
from nimnet_gen.plan.docs import marked_docstring
from nimnet_gen.plan.layout import (
    INDENT,
    LINE_LENGTH,
    Group,
    docstring,
    indented,
    keyword,
    laid_out,
    statement,
)
from nimnet_gen.plan.package.bodies import incoming, outgoing
from nimnet_gen.plan.package.classes import guard, method
from nimnet_gen.plan.package.views import FieldView, FunctionView
from nimnet_gen.plan.signature import spread

_HASH: Final = "__hash__"
_DEPTH: Final = 2
"""How far the lines of a method's body are indented."""


def fields(symbol: Record) -> tuple[FieldView, ...]:
    """Return the fields in documented order."""
    views: list[FieldView] = []
    named = False
    for field in symbol.fields:
        doc = indented(marked_docstring(field.entry, 1), 1) if field.entry.doc else ""
        views.append(FieldView(_field(field), doc, field.keyword_only and not named))
        named = named or field.keyword_only
    return tuple(views)


def _field(field: RecordField) -> str:
    """Return the line of a field; a default that names anything is made when it is needed."""
    text = f"{INDENT}{field.name}: {field.type.annotation}"
    if field.default is None:
        return text
    if not field.default.symbols:
        return f"{text} = {field.default.text}"
    factory = f"default_factory=lambda: {field.default.text}"
    return laid_out(Group(f"{text} = dataclasses.field(", (factory,), ")"), 1)


def crossing_methods(symbol: Record, crossing: str) -> Iterator[FunctionView]:
    """Yield what makes a record of what the runtime speaks, and what gives that back.

    Args:
        symbol: The record.
        crossing: The type of what the runtime speaks: a tuple.
    """
    made = [incoming(f"packed[{i}]", field.type) for i, field in enumerate(symbol.fields)]
    given = [
        keyword(field.name, item) if field.keyword_only else item
        for field, item in zip(symbol.fields, made, strict=True)
    ]
    yield method(
        Group("def _from_packed(", ("cls", spread(crossing, "packed: ")), f") -> {SELF}:"),
        docstring(["Returns the value of the fields that the runtime speaks."], _DEPTH),
        statement(Group("return cls(", tuple(given), ")"), _DEPTH),
        "@classmethod",
    )
    packed = [outgoing(f"self.{field.name}", field.type) for field in symbol.fields]
    after = ",)" if len(packed) == 1 else ")"
    view = method(
        Group("def _packed(", ("self",), f") -> {crossing}:"),
        docstring(["The fields as the runtime speaks them."], _DEPTH),
        statement(Group("return (", tuple(packed), after), _DEPTH),
        "@property",
    )
    yield replace(view, definition=_packing(view.definition, crossing))


def _packing(definition: str, crossing: str) -> str:
    """Return the `def` whose result is all that may be too long for a line."""
    *others, last = definition.splitlines()
    if len(last) <= LINE_LENGTH:
        return definition
    return "\n".join([*others, INDENT + laid_out(spread(crossing, ") -> ", ":"), 1)])


def following(special: Special, form: Form, symbol: Record) -> list[str]:
    """Return the body of a method of the data model that follows from the fields."""
    match special.python:
        case "__eq__":
            other = form.params[0].name
            return [*guard(other, (symbol.name,)), *_equality(symbol, other)]
        case "__hash__":
            fields_ = tuple(f"self.{field.name}" for field in symbol.fields)
            after = ",))" if len(fields_) == 1 else "))"
            return statement(Group("return hash((", fields_, after), _DEPTH)
        case _:
            return ["return self"]


def _equality(symbol: Record, other: str) -> list[str]:
    same = [f"self.{field.name} == {other}.{field.name}" for field in symbol.fields]
    single = f"return {' and '.join(same)}"
    if len(INDENT) * _DEPTH + len(single) <= LINE_LENGTH:
        return [single]
    first, *rest = same
    return ["return (", f"{INDENT}{first}", *(f"{INDENT}and {one}" for one in rest), ")"]


def implied_methods(symbol: Record) -> Iterator[FunctionView]:
    """Yield the hash of a named tuple that says when it is the same: Python takes it away then."""
    known = {function.name for function in symbol.methods}
    if symbol.is_tuple and EQUALITY in known and _HASH not in known:
        yield method(
            Group(f"def {_HASH}(", ("self",), ") -> int:"),
            docstring(["Returns a hash that equal values share."], _DEPTH),
            ["return tuple.__hash__(self)"],
        )
