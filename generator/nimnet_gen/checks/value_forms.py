"""The forms of a scenario's values: what a mapping with certain keys stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from nimnet_gen.model.declaration import Value

MOST_BYTES: Final = 1 << 30
"""What {repeat, times} may come to; more would only exhaust the machine that tests."""

DATA: Final = "a text, {repeat: text, times: n} or {hex: digits}"
"""How bytes are written, for hints."""


@dataclass(frozen=True)
class Data:
    """Bytes: {repeat, times} or {hex}; only the former can also be a text."""

    is_text: bool


@dataclass(frozen=True)
class The:
    """The value of a name."""

    name: str


@dataclass(frozen=True)
class Count:
    """The length of an operation's argument."""

    name: str


@dataclass(frozen=True)
class System:
    """A number by the name that the system has for it."""

    name: str


@dataclass(frozen=True)
class Regex:
    """A compiled regex of bytes."""


@dataclass(frozen=True)
class Anything:
    """What every value equals."""


@dataclass(frozen=True)
class Function:
    """A callback: what it gives for what it takes, or None where it only fails."""

    gives: Value
    takes: Value
    keys: frozenset[str]


@dataclass(frozen=True)
class Fields:
    """A mapping with other keys than a form has: the fields of a record."""

    values: Mapping[str, Value]


@dataclass(frozen=True)
class Malformed:
    """A mapping that is no form: what is wrong, and what would be right."""

    reason: str
    hint: str = ""


Form = Data | The | Count | System | Regex | Anything | Function | Fields | Malformed


_FORMS: Final = (
    {"repeat", "times"},
    {"hex"},
    {"the"},
    {"count"},
    {"any"},
    {"system"},
    {"regex"},
    {"gives"},
    {"gives", "takes"},
    {"fails"},
)
_WRITTEN: Final = (
    "{repeat: text, times: n}, {hex: digits}, {the: name}, {any: true}, {system: NAME}, "
    "{regex: text}, {gives: value, takes: text} or {fails: words}"
)


def form_of(value: Mapping[str, Value]) -> Form:
    """Return what a mapping stands for."""
    if value.keys() not in _FORMS:
        return Fields(value)
    if "repeat" in value:
        return _repeated(value["repeat"], value["times"])
    if "gives" in value:
        return Function(value["gives"], value.get("takes"), frozenset(value))
    ((key, text),) = value.items()
    if key == "any":
        return Anything() if text is True else Malformed("'any' is always true", "{any: true}")
    if not isinstance(text, str):
        return Malformed(f"'{key}' takes a text", f'write {{{key}: "..."}}')
    match key:
        case "hex":
            return _hexadecimal(text)
        case "the":
            return The(text)
        case "count":
            return Count(text)
        case "system":
            return System(text)
        case "regex":
            return _regex(text)
    return Function(None, None, frozenset({"fails"}))


def without_form(fields: Fields) -> Malformed:
    """Return what is wrong with fields that no record has."""
    return Malformed(f"{{{', '.join(fields.values)}}} is no form of a value", f"write {_WRITTEN}")


def forms_in(value: Value) -> Iterator[Form]:
    """Yield every form in a value, with those inside it."""
    if isinstance(value, tuple):
        for item in value:
            yield from forms_in(item)
    elif isinstance(value, Mapping):
        form = form_of(value)
        yield form
        if isinstance(form, Fields):
            for item in form.values.values():
                yield from forms_in(item)
        if isinstance(form, Function):
            yield from forms_in(form.gives)
            yield from forms_in(form.takes)


def is_form(value: Mapping[str, Value]) -> bool:
    """Tell whether a mapping is a form, not the fields of a record."""
    return value.keys() in _FORMS


def is_data(value: Value) -> bool:
    """Tell whether a value stands for bytes that are written out."""
    if isinstance(value, Mapping):
        return isinstance(form_of(value), Data)
    return isinstance(value, str)


def _repeated(text: Value, times: Value) -> Form:
    if not isinstance(text, str) or isinstance(times, bool) or not isinstance(times, int):
        return Malformed("'repeat' takes a text, and 'times' a whole number")
    if not 0 <= times * max(len(text), 1) <= MOST_BYTES:
        return Malformed(f"a text may be repeated up to {MOST_BYTES} bytes, not {times} times")
    return Data(is_text=True)


def _regex(text: str) -> Form:
    try:
        re.compile(text.encode())
    except re.error as error:
        return Malformed(f"'{text}' is no regex: {error}", 'write it as Python does: {regex: "a+"}')
    return Regex()


def _hexadecimal(text: str) -> Form:
    try:
        bytes.fromhex(text)
    except ValueError:
        return Malformed(f"'{text}' is not made of pairs of hexadecimal digits", '{hex: "00ff"}')
    return Data(is_text=False)
