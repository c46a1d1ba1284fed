"""The text of a Nim type, parsed: `set[Color]`, `array[0 .. 15, uint8]`, `seq[(string, int)]`.

This module knows the grammar only; which names exist is the checker's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal


@dataclass(frozen=True)
class Named:
    """A type by its name."""

    name: str


@dataclass(frozen=True)
class SetOf:
    """`set[element]`."""

    element: NimType


@dataclass(frozen=True)
class ArrayOf:
    """`array[low .. high, element]`; a bound is a number or the name of a const."""

    low: int | str
    high: int | str
    element: NimType


@dataclass(frozen=True)
class TupleOf:
    """`(A, B)`, or `tuple[a: A, b: B]` with the names of its fields."""

    items: tuple[NimType, ...]
    names: tuple[str, ...] = ()


Several = Literal["seq", "openArray", "varargs"]


@dataclass(frozen=True)
class SeveralOf:
    """`seq[element]`, `openArray[element]` or `varargs[element]`: any number of one type."""

    kind: Several
    element: NimType


@dataclass(frozen=True)
class OptionOf:
    """`Option[element]`: a value, or none."""

    element: NimType


@dataclass(frozen=True)
class GenericOf:
    """Any other `Name[arguments]`; the documentation has such fields, all of them private."""

    name: str
    arguments: tuple[NimType, ...]


@dataclass(frozen=True)
class UnionOf:
    """`A | B`."""

    members: tuple[NimType, ...]


@dataclass(frozen=True)
class PythonType:
    """`py:...`: a Python type, for what the package adds to the documentation."""

    text: str


NimType = (
    Named | SetOf | ArrayOf | SeveralOf | OptionOf | TupleOf | GenericOf | UnionOf | PythonType
)


class NimSyntaxError(Exception):
    """A Nim type or expression that does not parse."""

    def __init__(self, message: str, offset: int) -> None:
        """Say what is wrong, and at which character of the text."""
        super().__init__(message)
        self.message = message
        self.offset = offset


_TOKEN: Final = re.compile(r"\s*(?:(\.\.|[\[\](),:|])|([A-Za-z][A-Za-z0-9_]*)|(-?[0-9]+)|(\S))")
_SEVERAL: Final[Mapping[str, Several]] = {
    "seq": "seq",
    "openArray": "openArray",
    "openarray": "openArray",
    "varargs": "varargs",
}
_PYTHON_PREFIX: Final = "py:"
_PYTHON: Final = re.compile(r"[A-Za-z_][\w.]*(\[[\w., |\[\]]+\])?", re.ASCII)
MAX_LENGTH: Final = 500
MAX_DEPTH: Final = 8
_MAX_DIGITS: Final = 20


@lru_cache(maxsize=1024)
def parse_type(text: str) -> NimType:
    """Return the parsed type.

    Raises:
        NimSyntaxError: it is none; the offset says where.
    """
    if len(text) > MAX_LENGTH:
        raise NimSyntaxError(f"a type of more than {MAX_LENGTH} characters", 0)
    if text.startswith(_PYTHON_PREFIX):
        return _python_type(text)
    return _Parser(text).parse()


def walk(node: NimType) -> Iterator[NimType]:
    """Yield the type and every type inside it."""
    yield node
    match node:
        case SetOf(inner) | ArrayOf(element=inner) | SeveralOf(_, inner) | OptionOf(inner):
            yield from walk(inner)
        case TupleOf(items=inners) | UnionOf(inners) | GenericOf(arguments=inners):
            for inner in inners:
                yield from walk(inner)
        case Named() | PythonType():  # pragma: no branch - the last case
            pass


def _python_type(text: str) -> NimType:
    """Parse `py:A`, or `py:A | py:B`; inside brackets a bar belongs to the Python type."""
    members: list[NimType] = []
    for found in re.finditer(r"[^|\[\]]+(?:\[[^\]]*\]+)?[^|]*", text):
        part = found[0].strip()
        if not part.startswith(_PYTHON_PREFIX) or not _PYTHON.fullmatch(part, len(_PYTHON_PREFIX)):
            raise NimSyntaxError(
                f"'{part}' is no Python type: write py:name or py:name[...]", found.start()
            )
        members.append(PythonType(part.removeprefix(_PYTHON_PREFIX)))
    return members[0] if len(members) == 1 else UnionOf(tuple(members))


class _Parser:
    """Recursive descent over a handful of tokens."""

    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, int]] = []
        for found in _TOKEN.finditer(text):
            self._tokens.append(
                (found.group(found.lastindex or 0), found.start(found.lastindex or 0))
            )
        self._tokens.append(("", len(text)))
        self._next = 0
        self._depth = 0

    def parse(self) -> NimType:
        parsed = self._union()
        token, offset = self._tokens[self._next]
        if token:
            raise NimSyntaxError(f"unexpected '{token}' after the type", offset)
        return parsed

    def _take(self) -> tuple[str, int]:
        token = self._tokens[self._next]
        if token[0]:
            self._next += 1
        return token

    def _accept(self, wanted: str) -> bool:
        if self._tokens[self._next][0] != wanted:
            return False
        self._next += 1
        return True

    def _expect(self, wanted: str) -> None:
        token, offset = self._tokens[self._next]
        if not self._accept(wanted):
            found = f"'{token}'" if token else "the end"
            raise NimSyntaxError(f"expected '{wanted}', found {found}", offset)

    def _union(self) -> NimType:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise NimSyntaxError("a type nested this deep", self._tokens[self._next][1])
        members = [self._single()]
        while self._accept("|"):
            members.append(self._single())
        self._depth -= 1
        return members[0] if len(members) == 1 else UnionOf(tuple(members))

    def _list(self, close: str) -> tuple[NimType, ...]:
        items = [self._union()]
        while self._accept(","):
            items.append(self._union())
        self._expect(close)
        return tuple(items)

    def _single(self) -> NimType:
        token, offset = self._take()
        if token == "(":
            return TupleOf(self._list(")"))
        if not token[:1].isalpha():
            found = f"'{token}'" if token else "nothing"
            raise NimSyntaxError(f"expected a type, found {found}", offset)
        if not self._accept("["):
            if token == "var":
                raise NimSyntaxError(
                    "`var` is not written: say `mode: out` or `mode: inout`", offset
                )
            return Named(token)
        if token == "set":
            return SetOf(self._element())
        if token in _SEVERAL:
            return SeveralOf(_SEVERAL[token], self._element())
        if token == "Option":
            return OptionOf(self._element())
        if token == "array":
            return self._array()
        if token == "tuple":
            return self._named_tuple()
        return GenericOf(token, self._list("]"))

    def _element(self) -> NimType:
        element = self._union()
        self._expect("]")
        return element

    def _array(self) -> ArrayOf:
        low = self._bound()
        self._expect("..")
        high = self._bound()
        if isinstance(low, int) and isinstance(high, int) and high < low:
            raise NimSyntaxError(f"the array ends at {high}, before it starts", 0)
        self._expect(",")
        element = self._union()
        self._expect("]")
        return ArrayOf(low, high, element)

    def _bound(self) -> int | str:
        token, offset = self._take()
        if token.lstrip("-").isdecimal() and len(token) <= _MAX_DIGITS:
            return int(token)
        if token.isidentifier():
            return token
        raise NimSyntaxError("an array needs its bounds: array[0 .. 15, uint8]", offset)

    def _named_tuple(self) -> TupleOf:
        names: list[str] = []
        items: list[NimType] = []
        while True:
            token, offset = self._take()
            if not token.isidentifier() or token in names:
                raise NimSyntaxError("a tuple needs distinct field names: tuple[a: int]", offset)
            names.append(token)
            if self._accept(","):
                continue  # the next one says of which type both are
            self._expect(":")
            items += [self._union()] * (len(names) - len(items))
            if not self._accept(","):
                break
        self._expect("]")
        return TupleOf(tuple(items), tuple(names))
