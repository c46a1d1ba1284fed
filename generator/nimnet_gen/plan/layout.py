"""Laying out Python and prose as the formatter would: what fits one line stands in one line.

What does not fit is broken one item a line with a trailing comma, which `ruff format` then leaves
alone. Nothing here knows what the text means.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

LINE_LENGTH: Final = 100
INDENT: Final = "    "


@dataclass(frozen=True)
class Group:
    """Items in brackets, with what stands before and after them: a call, a list, a signature.

    With a blank between them they are the clauses of a comprehension, which end in no comma.
    """

    before: str
    items: tuple[Item, ...]
    after: str
    between: str = ", "

    def flat(self) -> str:
        """Return the group in one line."""
        return f"{self.before}{self.between.join(flat(item) for item in self.items)}{self.after}"


Item = str | Group


def flat(item: Item) -> str:
    """Return an item in one line."""
    return item if isinstance(item, str) else item.flat()


def call(function: str, items: Iterable[Item]) -> Group:
    """Return a call of `function`."""
    return Group(f"{function}(", tuple(items), ")")


def listing(items: Iterable[Item]) -> Group:
    """Return a list display."""
    return Group("[", tuple(items), "]")


def keyword(name: str, value: Item) -> Item:
    """Return a keyword argument; a group stays one, so that it can be broken in its turn."""
    return prefixed(f"{name}=", value)


def scalar_literal(value: object) -> str:
    """Return a text, a number or an answer as Python writes it."""
    return quoted(value) if isinstance(value, str) else repr(value)


def prefixed(prefix: str, item: Item) -> Item:
    """Return an item with a text before it, which can still be broken."""
    if isinstance(item, str):
        return prefix + item
    return Group(prefix + item.before, item.items, item.after, item.between)


def suffixed(item: Item, suffix: str) -> Item:
    """Return an item with a text behind it, which can still be broken."""
    if isinstance(item, str):
        return item + suffix
    return Group(item.before, item.items, item.after + suffix, item.between)


def laid_out(item: Item, depth: int = 0, reserved: int = 0) -> str:
    """Return an item, broken if it must be; the first line is not indented, the others are.

    Args:
        item: What to lay out.
        depth: How many levels the line it stands in is indented.
        reserved: Columns that what follows it (a comma) takes in its last line.
    """
    margin = INDENT * depth
    if isinstance(item, str):
        return item
    single = item.flat()
    if len(margin) + len(single) + reserved <= LINE_LENGTH or not item.items:
        return single
    comma = item.between.rstrip()
    inner = [
        f"{margin}{INDENT}{laid_out(part, depth + 1, reserved=len(comma))}"
        f"{'' if _is_bare(part) else comma}\n"
        for part in item.items
    ]
    return f"{item.before}\n{''.join(inner)}{margin}{item.after}"


def statement(item: Item, depth: int) -> list[str]:
    """Return a statement laid out at a depth, as lines without the margin."""
    first, *others = laid_out(item, depth).splitlines()
    return [first, *(line[len(INDENT) * depth :] for line in others)]


def _is_bare(item: Item) -> bool:
    """Tell whether no comma may follow: a comment alone in its line."""
    return isinstance(item, str) and item.startswith("#")


def import_line(module: str, names: Sequence[str]) -> str:
    """Return `from module import names`, broken as the formatter would."""
    single = f"from {module} import {', '.join(names)}"
    if len(single) <= LINE_LENGTH:
        return single
    return f"from {module} import (\n" + "".join(f"{INDENT}{name},\n" for name in names) + ")"


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of a text of the specification.

    A folded YAML scalar has one line end between two paragraphs, a literal one a blank line. Lines
    that are indented further are an example, and stay as they are, together.
    """
    parts: list[str] = []
    separator = r"\n\s*\n" if re.search(r"\n[ \t]*\n", text.strip("\n")) else r"\n(?=\S)"
    for part in re.split(separator, text.strip("\n")):
        if not part.strip():
            continue
        if part.startswith("  "):
            parts.append(textwrap.indent(textwrap.dedent(part), INDENT))
        else:
            parts.append(one_line(part))
    return parts


def one_line(text: str) -> str:
    """Return a text without line ends, and with one space between words."""
    return " ".join(text.split())


def wrapped(text: str, depth: int, hanging: int = 0, first: str = "") -> list[str]:
    """Return a paragraph wrapped at the line length of code that is indented `depth` levels.

    Args:
        text: The paragraph; an indented one stays as it is.
        depth: How many levels the surrounding code is indented; the result carries no margin of it.
        hanging: How many levels the lines after the first are indented further.
        first: What stands before the paragraph in its first line.
    """
    if text.startswith(INDENT):
        return text.splitlines()
    whole, width = first + text, LINE_LENGTH - len(INDENT) * depth
    if 0 < len(whole) <= width and whole == one_line(whole):
        return [whole]  # as most are
    return textwrap.wrap(
        whole,
        width=width,
        subsequent_indent=INDENT * hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


def indented(lines: Iterable[str], depth: int) -> str:
    """Return lines as a block of code that is indented `depth` levels; blank ones stay empty."""
    return "\n".join(f"{INDENT * depth}{line}".rstrip() for line in lines)


def quoted(text: str) -> str:
    """Return a Python string literal in double quotes, whatever Python's `repr` would choose."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    if not escaped.isprintable():
        escaped = "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode() for c in escaped
        )
    # The formatter prefers the quotes that need fewer escapes.
    if '"' in text and "'" not in text:
        return "'" + escaped.replace('\\"', '"') + "'"
    return f'"{escaped}"'


def bytes_literal(data: bytes) -> str:
    """Return bytes as a literal in the quotes that the formatter prefers, or shorter in hex."""
    text = repr(data)[2:-1]
    if len(shorter := f'bytes.fromhex("{data.hex()}")') < len(text):
        return shorter
    if "'" in text or '"' not in text:
        text = text.replace("\\'", "'").replace('"', '\\"')
        return f'b"{text}"'
    return f"b'{text}'"


def docstring(lines: Sequence[str], depth: int) -> list[str]:
    """Return the lines of a docstring with its quotes, for code that is indented `depth` levels.

    Args:
        lines: The summary, and all that follows it, without margin.
        depth: How many levels the docstring is indented.
    """
    text = [line.rstrip().replace('"""', "'''") for line in lines]
    prefix = 'r"""' if any("\\" in line for line in text) else '"""'
    if text[0].startswith('"'):
        prefix += " "
    if len(text) == 1:
        space = " " if text[0].endswith('"') or _ends_in_escape(text[0]) else ""
        if len(INDENT) * depth + len(prefix) + len(text[0]) + len(space) + 3 <= LINE_LENGTH:
            return [f'{prefix}{text[0]}{space}"""']
        # The formatter would pull the quotes up, beyond the line's end: break the text instead.
        text = list(text[0].rpartition(" ")[::2])
    return [f"{prefix}{text[0]}", *text[1:], '"""']


def _ends_in_escape(text: str) -> bool:
    """Tell whether quotes right behind a text would not end it: not in a raw string either."""
    return (len(text) - len(text.rstrip("\\"))) % 2 == 1
