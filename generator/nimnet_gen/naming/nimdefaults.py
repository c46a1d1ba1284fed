"""The text of a Nim default, parsed: `-1`, `0'i32`, `{red}`, `@[]`, `Percent(5)`, `none(int)`.

As in `nimtypes`, only the grammar is known here.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Final

from nimnet_gen.naming.nimtypes import NimSyntaxError, NimType, parse_type


@dataclass(frozen=True)
class IntLiteral:
    """An integer, with the type suffix if there is one (`i32`).

    Attributes:
        value: the number.
        suffix: the suffix, or an empty text.
        written: how Python writes it alike: in the same base, with the same underscores.
    """

    value: int
    suffix: str = ""
    written: str = field(default="", compare=False)


@dataclass(frozen=True)
class FloatLiteral:
    """A number with a fraction or an exponent."""

    value: float
    suffix: str = ""


@dataclass(frozen=True)
class CharLiteral:
    """A character in single quotes: one byte."""

    value: str


@dataclass(frozen=True)
class NilLiteral:
    """`nil`."""


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
class ListLiteral:
    """`@[a, b]`, or `[a, b]`."""

    items: tuple[Default, ...]


@dataclass(frozen=True)
class NoneOf:
    """`none(Type)`: no value of a type."""

    type: NimType


@dataclass(frozen=True)
class Some:
    """`some(value)`."""

    value: Default


@dataclass(frozen=True)
class Conversion:
    """`Type(value)` or `value.Type`."""

    type: str
    value: Default


@dataclass(frozen=True)
class Call:
    """`name(arguments)`; a conversion's name starts with a capital, or is that of a number."""

    name: str
    arguments: tuple[Default, ...]


Default = (
    IntLiteral
    | FloatLiteral
    | BoolLiteral
    | CharLiteral
    | StringLiteral
    | NilLiteral
    | NameRef
    | SetLiteral
    | ListLiteral
    | NoneOf
    | Some
    | Conversion
    | Call
)

_IDENTIFIER: Final = r"[A-Za-z][A-Za-z0-9_]*"
_SUFFIX: Final = r"(?:'?([iu](?:8|16|32|64)|u))?"
_INTEGER: Final = re.compile(
    rf"(-?)(0[xX][0-9A-Fa-f](?:_?[0-9A-Fa-f])*|0o[0-7](?:_?[0-7])*|0[bB][01](?:_?[01])*"
    rf"|[0-9](?:_?[0-9])*){_SUFFIX}(?![A-Za-z0-9])"
)
_FLOAT: Final = re.compile(
    r"(-?[0-9](?:_?[0-9])*(?:\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9]+)?|[eE][-+]?[0-9]+))"
    r"(?:'?(f32|f64|f|d))?(?![A-Za-z0-9])"
)
_FLOAT_OF_INTEGER: Final = re.compile(r"(-?[0-9](?:_?[0-9])*)'(f32|f64|f|d)(?![A-Za-z0-9])")
_ESCAPE: Final = r"\\(x[0-9A-Fa-f]{2}|[0-9]{1,3}|.)"
_CHAR: Final = re.compile(rf"'([^'\\]|{_ESCAPE})'", re.DOTALL)
_STRING: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')
_NAME: Final = re.compile(rf"({_IDENTIFIER})(?:\.({_IDENTIFIER}))?")
_CONVERTED: Final = re.compile(rf"\.({_IDENTIFIER})")
_NUMERIC: Final = re.compile(r"u?int(8|16|32|64)?|float(32|64)?|byte|c(u?int|float|double)")
"""Nim's own types of numbers, whose names start with no capital."""
_ESCAPES: Final = {"n": "\n", "r": "\r", "c": "\r", "l": "\n", "L": "\n", "t": "\t"} | {
    "e": "\x1b",
    "a": "\a",
    "b": "\b",
    "f": "\f",
    "v": "\v",
}
MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 4
_MAX_ARGUMENTS: Final = 8
_MAX_DIGITS: Final = 30
_GREATEST: Final = 2**64
_GREATEST_BYTE: Final = 255
_GREATEST_ASCII: Final = 127


def parse_default(text: str) -> Default:
    """Return the parsed default.

    Raises:
        NimSyntaxError: it is none; the offset says where.
    """
    if len(text) > MAX_LENGTH:
        raise NimSyntaxError(f"a default of more than {MAX_LENGTH} characters", 0)
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
    if depth > MAX_DEPTH:
        raise NimSyntaxError("a default nested this deep", at)
    if (number := _number(text, at)) is not None:
        literal, end = number
        if converted := _CONVERTED.match(text, end):
            return Conversion(converted[1], literal), converted.end()
        return literal, end
    if found := _CHAR.match(text, at):
        return CharLiteral(_character(found[1], at)), found.end()
    if text.startswith(("@[", "["), at):
        return _list(text, text.index("[", at) + 1, depth)
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
        if first == "nil":
            return NilLiteral(), found.end()
        if first in ("true", "false"):
            return BoolLiteral(first == "true"), found.end()
        return NameRef(first), found.end()
    raise NimSyntaxError(
        'expected a number, true, false, nil, a "string", a name, {a, set}, @[a, list] '
        "or Type(value)",
        at,
    )


def _number(text: str, at: int) -> tuple[IntLiteral | FloatLiteral, int] | None:
    """Return the number that starts there, and where it ends; None if there is none."""
    if found := _FLOAT.match(text, at) or _FLOAT_OF_INTEGER.match(text, at):
        value = float(found[1])
        if len(found[1]) > _MAX_DIGITS or math.isinf(value):
            raise NimSyntaxError("a number out of the range of every type", at)
        suffix = {"f": "f32", "d": "f64"}.get(found[2], found[2] or "")
        return FloatLiteral(value, suffix), found.end()
    if found := _INTEGER.match(text, at):
        sign, digits = found[1], found[2].lower()
        plain = digits.replace("_", "")
        value = int(plain, 0) if plain[:2] in ("0x", "0o", "0b") else int(plain[:_MAX_DIGITS])
        if len(digits) > _MAX_DIGITS or value >= _GREATEST:
            raise NimSyntaxError("a number out of the range of every integer type", at)
        if digits[:2] in ("0x", "0o", "0b"):
            written = digits[:2] + digits[2:].upper()
        else:
            written = digits.lstrip("0_") or "0"
        return IntLiteral(-value if sign else value, found[3] or "", sign + written), found.end()
    return None


def _character(text: str, at: int) -> str:
    """Return the one byte that a character is, as a text."""
    character = _unescape(text)
    if ord(character) > (_GREATEST_BYTE if text.startswith("\\") else _GREATEST_ASCII):
        raise NimSyntaxError("a character is one byte", at)
    return character


def _list(text: str, at: int, depth: int) -> tuple[ListLiteral, int]:
    items: list[Default] = []
    at = _blanks(text, at)
    while not text.startswith("]", at):
        item, at = _expression(text, at, depth + 1)
        items.append(item)
        if len(items) > _MAX_ARGUMENTS:
            raise NimSyntaxError("a list with this many items", at)
        at = _separator(text, at, "]")
    return ListLiteral(tuple(items)), at + 1


def _set(text: str, at: int) -> tuple[SetLiteral, int]:
    members: list[NameRef] = []
    at = _blanks(text, at)
    while not text.startswith("}", at):
        found = _NAME.match(text, at)
        if found is None:
            raise NimSyntaxError("a set holds names: {A, B}", at)
        members.append(NameRef(found[2], found[1]) if found[2] else NameRef(found[1]))
        at = _separator(text, found.end(), "}")
    return SetLiteral(tuple(members)), at + 1


def _call(name: str, text: str, at: int, depth: int) -> tuple[Default, int]:
    at = _blanks(text, at)
    if name == "none":
        return _none(text, at)
    arguments: list[Default] = []
    while not text.startswith(")", at):
        argument, at = _expression(text, at, depth + 1)
        arguments.append(argument)
        if len(arguments) > _MAX_ARGUMENTS:
            raise NimSyntaxError("a call with this many arguments", at)
        at = _separator(text, at, ")")
    if name == "some" and len(arguments) == 1:
        return Some(arguments[0]), at + 1
    if (name[0].isupper() or _NUMERIC.fullmatch(name)) and len(arguments) == 1:
        return Conversion(name, arguments[0]), at + 1
    return Call(name, tuple(arguments)), at + 1


def _none(text: str, at: int) -> tuple[NoneOf, int]:
    """Return `none(Type)`, whose type goes on to the bracket that closes it."""
    depth, end = 1, at
    while end < len(text) and depth:
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    if depth:
        raise NimSyntaxError("expected ')'", end)
    try:
        return NoneOf(parse_type(text[at : end - 1])), end
    except NimSyntaxError as error:
        raise NimSyntaxError(error.message, at + error.offset) from None


def _separator(text: str, at: int, close: str) -> int:
    """Return where the next item or the closing bracket starts."""
    at = _blanks(text, at)
    if text.startswith(",", at):
        return _blanks(text, at + 1)
    if not text.startswith(close, at):
        raise NimSyntaxError(f"expected ',' or '{close}'", at)
    return at


def _unescape(text: str) -> str:
    return re.sub(_ESCAPE, lambda found: _escaped(found[1]), text, flags=re.DOTALL)


def _escaped(code: str) -> str:
    if code[0] == "x" and len(code) > 1:
        return chr(int(code[1:], 16))
    return chr(int(code)) if code.isdecimal() else _ESCAPES.get(code, code)
