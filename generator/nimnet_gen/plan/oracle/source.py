"""The lexical side of Nim source: literals, identifiers, and calls that may need several lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from nimnet_gen.naming.names import nim_identity

INDENT: Final = "  "
LINE_LENGTH: Final = 100

_KEYWORDS: Final = """\
addr and as asm bind block break case cast concept const continue converter defer discard distinct
div do elif else end enum except export finally for from func if import in include interface is
isnot iterator let macro method mixin mod nil not notin object of or out proc ptr raise ref return
shl shr static template try tuple type using var when while xor yield
"""
_VOCABULARY: Final = """\
begin boxed gave lasted left memory raised same show signal stage step storage succeeded then
"""
"""What the oracle's own procs are called, as far as scenarios would call a value so."""

_RESERVED: Final = frozenset(_KEYWORDS.split())
_OURS: Final = frozenset(_VOCABULARY.split())
_ESCAPES: Final = {0x22: '\\"', 0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"}


def literal(data: bytes) -> str:
    """Return a string literal for bytes; what is not printable ASCII is escaped."""
    return '"' + "".join(map(_escaped, data)) + '"'


def character(text: str) -> str:
    """Return the literal of one character."""
    return "'\\''" if text == "'" else f"'{_escaped(ord(text))}'"


def _escaped(byte: int) -> str:
    if byte in _ESCAPES:
        return _ESCAPES[byte]
    return chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02X}"


def quoted(name: str) -> str:
    """Return a name of Nim's own, quoted where it needs to be."""
    return f"`{name}`" if nim_identity(name).lower() in _RESERVED else name


def identifier(name: str) -> str:
    """Return a name of a scenario as an identifier: a longer one where the oracle has that name."""
    return f"its_{name}" if nim_identity(name).lower() in _OURS else quoted(name)


def procedure_name(words: str) -> str:
    """Return a proc's name made of the words in a text: letters, digits, single underscores."""
    return re.sub(r"[^0-9A-Za-z]+", "_", words).strip("_")


def unique_names(wanted: Iterable[str]) -> list[str]:
    """Return names that Nim can tell apart: of those it cannot, the later ones are numbered."""
    taken: set[str] = set()
    names: list[str] = []
    for name in wanted:
        chosen, number = name, 1
        while nim_identity(chosen) in taken:
            number += 1
            chosen = f"{name}_{number}"
        taken.add(nim_identity(chosen))
        names.append(chosen)
    return names


def call(function: str, arguments: Sequence[str], depth: int) -> str:
    """Return a call, one argument a line where it is too long; only the first line is not indented.

    Args:
        function: What is called.
        arguments: The arguments.
        depth: How many levels its line is indented.
    """
    single = f"{function}({', '.join(arguments)})"
    if len(INDENT) * depth + len(single) <= LINE_LENGTH:
        return single
    margin = INDENT * (depth + 2)
    return f"{function}(\n{margin}" + f",\n{margin}".join(arguments) + ")"
