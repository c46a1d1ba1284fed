"""The text of a Nim default, parsed: `-1`, `0'i32`, `{SafeDisconn}`, `Port(0)`, `-1.OSErrorCode`.

As in `nimtypes`, only the grammar is known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from nimnet_gen.naming.nimtypes import NimSyntaxError


@dataclass(frozen=True)
class IntLiteral:
    """An integer, with the type suffix if there is one (`i32`)."""

    value: int
    suffix: str = ""


@dataclass(frozen=True)
class BoolLiteral:
    """`true` or `false`."""

    value: bool


@dataclass(frozen=True)
class StringLiteral:
    """A string in double quotes."""

    value: str


@dataclass(frozen=True)
class NameRef:
    """A const or an enum member; `qualifier` is the enum in `Enum.member`."""

    name: str
    qualifier: str = ""


@dataclass(frozen=True)
class SetLiteral:
    """`{a, b}`."""

    members: tuple[NameRef, ...]


@dataclass(frozen=True)
class Conversion:
    """`Type(value)` or `value.Type`."""

    type: str
    value: Default


@dataclass(frozen=True)
class Call:
    """`name(arguments)`; a conversion's name, by Nim's convention, starts with a capital."""

    name: str
    arguments: tuple[Default, ...]


Default = IntLiteral | BoolLiteral | StringLiteral | NameRef | SetLiteral | Conversion | Call

_IDENTIFIER: Final = r"[A-Za-z][A-Za-z0-9_]*"
_INTEGER: Final = re.compile(r"(-?[0-9]+)(?:'([iu](?:8|16|32|64)))?")
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAME: Final = re.compile(rf"({_IDENTIFIER})(?:\.({_IDENTIFIER}))?")
_CONVERTED: Final = re.compile(rf"\.({_IDENTIFIER})")
_ESCAPES: Final = {"n": "\n", "r": "\r", "c": "\r", "l": "\n", "L": "\n", "t": "\t"}
_MAX_LENGTH: Final = 500
_MAX_DEPTH: Final = 4
_MAX_ARGUMENTS: Final = 8
_MAX_DIGITS: Final = 20


def parse_default(text: str) -> Default:
    """Return the parsed default.

    Raises:
        NimSyntaxError: it is none; the offset says where.
    """
    if len(text) > _MAX_LENGTH:
        raise NimSyntaxError(f"a default of more than {_MAX_LENGTH} characters", 0)
    node, end = _expression(text, 0, 0)
    end = _blanks(text, end)
    if end < len(text):
        raise NimSyntaxError(f"unexpected '{text[end:]}' after the default", end)
    return node


def _blanks(text: str, at: int) -> int:
    while at < len(text) and text[at] == " ":
        at += 1
    return at


def _expression(text: str, at: int, depth: int) -> tuple[Default, int]:
    at = _blanks(text, at)
    if depth > _MAX_DEPTH:
        raise NimSyntaxError("a default nested this deep", at)
    if found := _INTEGER.match(text, at):
        if len(found[1]) > _MAX_DIGITS:
            raise NimSyntaxError("a number out of the range of every integer type", at)
        literal = IntLiteral(int(found[1]), found[2] or "")
        if converted := _CONVERTED.match(text, found.end()):
            return Conversion(converted[1], literal), converted.end()
        return literal, found.end()
    if found := _STRING.match(text, at):
        return StringLiteral(_unescape(found[1])), found.end()
    if text.startswith("{", at):
        return _set(text, at + 1)
    if found := _NAME.match(text, at):
        first, second = found[1], found[2]
        if second:
            return NameRef(second, qualifier=first), found.end()
        if text.startswith("(", found.end()):
            return _call(first, text, found.end() + 1, depth)
        if first in ("true", "false"):
            return BoolLiteral(first == "true"), found.end()
        return NameRef(first), found.end()
    raise NimSyntaxError(
        'expected a number, true, false, a "string", a name, {a, set} or Type(value)', at
    )


def _set(text: str, at: int) -> tuple[SetLiteral, int]:
    members: list[NameRef] = []
    at = _blanks(text, at)
    while not text.startswith("}", at):
        found = _NAME.match(text, at)
        if found is None:
            raise NimSyntaxError("a set holds names: {SafeDisconn}", at)
        members.append(NameRef(found[2], found[1]) if found[2] else NameRef(found[1]))
        at = _separator(text, found.end(), "}")
    return SetLiteral(tuple(members)), at + 1


def _call(name: str, text: str, at: int, depth: int) -> tuple[Default, int]:
    arguments: list[Default] = []
    at = _blanks(text, at)
    while not text.startswith(")", at):
        argument, at = _expression(text, at, depth + 1)
        arguments.append(argument)
        if len(arguments) > _MAX_ARGUMENTS:
            raise NimSyntaxError("a call with this many arguments", at)
        at = _separator(text, at, ")")
    if name[0].isupper() and len(arguments) == 1:
        return Conversion(name, arguments[0]), at + 1
    return Call(name, tuple(arguments)), at + 1


def _separator(text: str, at: int, close: str) -> int:
    """Return where the next item or the closing bracket starts."""
    at = _blanks(text, at)
    if text.startswith(",", at):
        return _blanks(text, at + 1)
    if not text.startswith(close, at):
        raise NimSyntaxError(f"expected ',' or '{close}'", at)
    return at


def _unescape(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)
