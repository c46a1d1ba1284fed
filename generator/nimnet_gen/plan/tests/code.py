"""Statements of a test, laid out as deep as they stand: lines, assertions, and `with` blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nimnet_gen.plan.layout import (
    INDENT,
    LINE_LENGTH,
    Group,
    Item,
    flat,
    laid_out,
    prefixed,
    suffixed,
)


@dataclass
class Block:
    """A `with` statement; what follows is put into it as the scenario goes on."""

    headers: list[Item]
    body: list[Statement] = field(default_factory=list)
    closes: bool = True
    """Whether what it opens can be closed as well, where nothing follows."""


@dataclass(frozen=True)
class Line:
    """A statement of one expression."""

    item: Item


@dataclass(frozen=True)
class Assertion:
    """A demand that something gives a value.

    Attributes:
        asked: the expression.
        expected: what it must be, with the comparison before it.
        name: what the value is called if the statement has to be broken in two.
        apart: whether it is to be broken in two in any case.
    """

    asked: Item
    expected: Item
    name: str
    apart: bool = False


Statement = Block | Line | Assertion


def code(statements: Sequence[Statement], depth: int) -> list[str]:
    """Return the lines of statements, with their margin."""
    lines: list[str] = []
    margin = INDENT * depth
    for statement in statements:
        match statement:
            case Line(item):
                lines.append(margin + laid_out(item, depth))
            case Assertion():
                lines += [margin + line for line in _assertion(statement, depth)]
            case Block():
                lines += _block(statement, depth)
    return lines


def _assertion(statement: Assertion, depth: int) -> list[str]:
    single = f"assert {flat(statement.asked)} {flat(statement.expected)}"
    if not statement.apart and len(INDENT) * depth + len(single) <= LINE_LENGTH:
        return [single]
    return [
        laid_out(prefixed(f"{statement.name} = ", statement.asked), depth),
        laid_out(prefixed(f"assert {statement.name} ", statement.expected), depth),
    ]


def _block(block: Block, depth: int) -> list[str]:
    """Return a `with` statement, joined with one that is all that it holds, as a linter demands."""
    headers, body = list(block.headers), block.body
    while len(body) == 1 and isinstance(inner := body[0], Block):
        headers += inner.headers
        body = inner.body
    margin = INDENT * depth
    single = f"{margin}with {', '.join(flat(header) for header in headers)}:"
    if len(headers) == 1:
        opening = margin + laid_out(prefixed("with ", suffixed(headers[0], ":")), depth)
    elif len(single) <= LINE_LENGTH:
        opening = single
    else:
        opening = margin + laid_out(Group("with (", tuple(headers), "):"), depth)
    return [opening, *code(body, depth + 1)]
