"""The text of a file of facts: a line for each that fits in one, else one for each of its parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from typing import Final

from nimnet_gen.model.declaration import Located, Scalar
from nimnet_gen.model.facts import FactsFile, checksum

_WIDTH: Final = 100
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*( [A-Za-z_][A-Za-z0-9_]*)*=?")
_OTHERWISE_READ: Final = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n"})
_HEAD: Final = (
    "# What the documentation states of each name, in its spelling and order, and none of its\n"
    "# prose. Taken from it, and not edited: lint holds the specification against it, and it\n"
    "# against its checksum.\n"
)


def facts_text(facts: FactsFile) -> str:
    """Return the text of the file of some facts, with its checksum."""
    lines = [*_HEAD.splitlines(), f"source: {_scalar(facts.source)}", "checksum:"]
    own = len(lines)
    for key, listed in (
        ("types", facts.types),
        ("consts", facts.consts),
        ("procs", facts.procs),
        ("exports", facts.exports),
    ):
        if listed:
            lines += ["", f"{key}:"]
            for each in listed:
                lines += _item(each)
    # What a text file ends with is a line's end, and so nothing follows it.
    lines.append("")
    lines[own - 1] += f" {checksum(lines, own)}"
    return "\n".join(lines)


def _item(entry: Located) -> Iterator[str]:
    """Yield the lines of an item of a list."""
    whole = f"  - {_flow(entry)}"
    if len(whole) <= _WIDTH:
        yield whole
        return
    begin = "  - "
    for key, value in _stated(entry):
        line = f"{begin}{key}: {_value(value)}"
        begin = "    "
        if len(line) <= _WIDTH or not isinstance(value, tuple):
            yield line
            continue
        yield line.partition(": ")[0] + ":"
        yield from (f"      - {_value(part)}" for part in value)


def _flow(entry: Located) -> str:
    return "{" + ", ".join(f"{key}: {_value(value)}" for key, value in _stated(entry)) + "}"


def _stated(entry: Located) -> Iterator[tuple[str, object]]:
    """Yield the keys of an object that say something."""
    for field in fields(entry):
        if field.name not in ("at", "keys"):
            value = getattr(entry, field.name)
            if value != field.default:
                yield field.name, value


def _value(value: object) -> str:
    if isinstance(value, Located):
        alone = [field.name for field in fields(value) if "shorthand" in field.metadata]
        stated = list(_stated(value))
        return _value(stated[0][1]) if [key for key, _ in stated] == alone else _flow(value)
    if isinstance(value, tuple):
        return f"[{', '.join(map(_value, value))}]"
    assert value is None or isinstance(value, str | int | float)
    return _scalar(value)


def _scalar(value: Scalar) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str):
        return str(value)
    if _PLAIN.fullmatch(value) and value.lower() not in _OTHERWISE_READ:
        return value
    if '"' in value and "'" not in value:
        return f"'{value}'"
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
