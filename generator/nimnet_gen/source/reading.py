"""The bytes of one file of a specification, as text that a YAML parser can be given.

What is refused here is what parsers would report in terms of their own, or take long over.
"""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import Final, NoReturn

from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.position import Position

MAX_BYTES: Final = 1_000_000
"""The largest file that is read; the largest of the documented API has a third of it."""

_FORBIDDEN: Final = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_INDENT_TAB: Final = re.compile(r" *\t")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_BYTE_ORDER_MARKS: Final = (
    (b"\xef\xbb\xbf", "UTF-8"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)


class RejectedError(Exception):
    """The file is no source; the fault is already collected."""


def read_file(path: Path, name: str, found: Diagnostics) -> bytes:
    """Return the bytes of a file; no more than the limit are ever read.

    Raises:
        RejectedError: It is no file, larger than the limit or not to be had.
    """
    start = Position(name, 1, 1)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            _reject(found, "SPEC001", "not a file", start)
        size, raw = status.st_size, b""
        if size <= MAX_BYTES:
            # It can have grown, and some files of the system say that they have no size.
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
            size = max(size, len(raw))
    except OSError as error:
        _reject(found, "SPEC001", f"cannot read the file: {error.strerror or error}", start)
    if size > MAX_BYTES:
        _reject(
            found,
            "SPEC003",
            f"the file has {size} bytes; at most {MAX_BYTES} are read",
            start,
            "split the module in two",
        )
    return raw


def text_of(raw: bytes, name: str, found: Diagnostics) -> str:
    """Return the text of a file's bytes, whose lines become known to `found`.

    Raises:
        RejectedError: It is not UTF-8, or has what no specification has.
    """
    for mark, encoding in _BYTE_ORDER_MARKS:
        if raw.startswith(mark):
            _reject(
                found,
                "SPEC002",
                f"the file starts with a byte order mark ({encoding})",
                Position(name, 1, 1),
                "save it as UTF-8 without a byte order mark",
            )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        found.add_source(name, tuple(_LINE_END.split(raw.decode("utf-8", "replace"))))
        _reject(
            found,
            "SPEC002",
            f"the file is not UTF-8: byte 0x{raw[error.start]:02x}",
            _end_of(raw[: error.start].decode("utf-8"), name),
            "save it as UTF-8",
        )
    lines = tuple(_LINE_END.split(text))
    found.add_source(name, lines)
    if wrong := _FORBIDDEN.search(text):
        _reject(
            found,
            "SPEC004",
            f"the character U+{ord(wrong[0]):04X} is not allowed",
            _end_of(text[: wrong.start()], name),
            f"remove it; where it is meant, write {_escape(wrong[0])} in double quotes",
        )
    _check_lines(lines, name, found)
    return text


def _check_lines(lines: tuple[str, ...], name: str, found: Diagnostics) -> None:
    """Refuse tabs where indentation is meant, and directives: libyaml compares each with all."""
    faults = len(found)
    for number, line in enumerate(lines, start=1):
        if line.startswith("%"):
            at = Position(name, number, 1)
            found.add("SPEC008", "a directive ('%') is not allowed", at, "leave it out")
        elif tab := _INDENT_TAB.match(line):
            at = Position(name, number, tab.end())
            found.add("SPEC005", "a tab in the indentation", at, "indent with spaces")
    if len(found) > faults:
        raise RejectedError


def _reject(found: Diagnostics, code: str, message: str, at: Position, hint: str = "") -> NoReturn:
    found.add(code, message, at, hint)
    raise RejectedError


def _escape(char: str) -> str:
    """Return YAML's escape for a character."""
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _end_of(text: str, name: str) -> Position:
    """Return the place that follows a text."""
    lines = _LINE_END.split(text)
    return Position(name, len(lines), len(lines[-1]) + 1)
