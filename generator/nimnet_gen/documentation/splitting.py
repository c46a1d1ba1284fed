"""Pieces of Nim's declarations: what stands between signs outside of brackets and quotes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_OPENING: Final = "([{"
_CLOSING: Final = ")]}"


class DeclarationError(Exception):
    """A text is no declaration of the forms that are known; the message quotes it."""


def _levels(text: str) -> Iterator[tuple[int, str, int]]:
    """Yield each character that is in no quotes: its place, itself, and the brackets around it.

    A bracket that closes stands outside of what it closes.
    """
    level = 0
    is_quoted = False
    for place, char in enumerate(text):
        if is_quoted:
            is_quoted = char != '"' or text[place - 1] == "\\"
            continue
        is_quoted = char == '"'
        level += (char in _OPENING) - (char in _CLOSING)
        yield place, char, level


def split(text: str, sign: str) -> list[str]:
    """Return the parts of a text between a sign, without blanks around them; none of nothing."""
    parts: list[str] = []
    start = 0
    for place, char, level in _levels(text):
        if char == sign and not level:
            parts.append(text[start:place])
            start = place + 1
    parts.append(text[start:])
    return [part.strip() for part in parts] if text.strip() else []


def cut(text: str, sign: str) -> tuple[str, str | None]:
    """Return what stands before the first such sign, and what stands behind it if there is one."""
    for place, char, level in _levels(text):
        if char == sign and not level:
            return text[:place].strip(), text[place + 1 :].strip()
    return text.strip(), None


def bracketed(text: str) -> tuple[str, str]:
    """Return what is in the bracket that a text begins with, and the rest behind it.

    Raises:
        DeclarationError: It begins with none, or with one that is not closed.
    """
    if text[:1] in tuple(_OPENING):
        for place, char, level in _levels(text):
            if char in _CLOSING and not level:
                return text[1:place], text[place + 1 :]
    raise DeclarationError(f"a bracket is expected: {text[:40]!r}")
