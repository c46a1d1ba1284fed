"""Faults of the specification as values: where, what is wrong, what would be right.

A fault is never raised: every stage adds to a `Diagnostics` and goes on, so that one run shows all.
Codes are stable; `CODES` is their only registry, and no code is given twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

from nimnet_generator.position import Position

CODES: Final[Mapping[str, str]] = {
    # Reading a file.
    "SPEC001": "the file or folder cannot be read",
    "SPEC002": "the file is not UTF-8, or starts with a byte order mark",
    "SPEC003": "the file is larger than the limit",
    "SPEC004": "a character that has no place in a specification",
    "SPEC005": "a tab in the indentation",
    "SPEC006": "the text is not YAML",
    "SPEC007": "the file is empty, or holds more than one document",
    "SPEC008": "an anchor, an alias, a merge key or a tag",
    "SPEC009": "the same key twice in one mapping",
    "SPEC010": "nesting too deep",
    # Decoding it.
    "SPEC020": "the wrong shape: a mapping, a list or a scalar is expected",
    "SPEC021": "an unknown key",
    "SPEC022": "a missing key",
    "SPEC023": "a scalar of the wrong type",
    "SPEC024": "a value outside the possible ones",
    "SPEC025": "a file that the package does not list, or a listed file that is missing",
    "SPEC026": "a module's name that is not its file's",
    "SPEC027": "no text where words are needed",
    # Names.
    "SPEC030": "two symbols with the same name",
    "SPEC031": "two names that become one in Python",
    "SPEC032": "a name that is no Python identifier, or that Python or the package reserves",
    "SPEC033": "an extension's name that is not as Python writes it",
    # Types.
    "SPEC040": "a type that does not parse",
    "SPEC041": "an unknown type",
    "SPEC042": "a string without `as`, or `as` where there is no string",
    "SPEC043": "a use of something that is not generated",
    "SPEC044": "a type of a later module",
    "SPEC045": "a method outside its class's file",
    "SPEC046": "a key that does not belong to this kind of entry",
    "SPEC047": "a parameter with neither a type nor a default that implies one",
    "SPEC048": "a parameter in a place that Python cannot give it",
    # Defaults and values.
    "SPEC050": "a default that does not parse",
    "SPEC051": "a default or value that does not fit its type",
    "SPEC052": "an unknown name in a default or a variant",
    "SPEC053": "two enum members with one value",
    # Contracts.
    "SPEC060": "`raises` names something that is no exception",
    "SPEC061": "a contract that is too wide",
    "SPEC062": "`errors` that are not the contract's",
    "SPEC063": "no contract",
    "SPEC064": "a timeout without TimeoutError in the contract",
    "SPEC065": "an amendment that does not replace exactly one thing that is there",
    "SPEC066": "an unknown effect or pragma",
    # Overloads and properties.
    "SPEC070": "overloads that cannot be told apart in Python",
    "SPEC071": "a property whose setter and getter do not belong together",
    # Statements and scenarios.
    "SPEC080": "a statement's id that is ill-formed, taken, or begins with another name",
    "SPEC081": "a statement whose scenarios contradict each other or its reason to have none",
    "SPEC082": "a step or peer action that does not do exactly one thing",
    "SPEC083": "a scenario that calls something unknown",
    "SPEC084": "a scenario whose call does not fit the signature",
    "SPEC085": "a scenario whose expectation does not fit the signature",
    "SPEC086": "an unknown transport, or none or not all of them without a reason",
    "SPEC087": "a signal and a wait that do not meet",
    "SPEC088": "a statement with neither scenarios nor a reason to have none",
    "SPEC089": "a value that is written in no known form, or in one that has no place there",
    # The runtime.
    "SPEC090": "the runtime has no such function",
    "SPEC091": "the runtime function cannot take the call",
    # Scenarios as a whole.
    "SPEC100": "a key that does not belong to what a step does",
    "SPEC101": "a name that stands for nothing, or for something else already",
    "SPEC102": "a peer's action that its script cannot do there",
    "SPEC103": "something that the stage of the scenario does not have",
    "SPEC104": "a start and an end of a call that do not meet",
    "SPEC105": "an operation whose forms do not fit it",
    "SPEC106": "an operation or a form of one that no scenario runs",
    "SPEC107": "a verdict on Nim in other words than the oracle's, or about no test",
    "SPEC108": "a host name that nobody asks for, or an answer that no resolver gives",
    "SPEC109": "a failure after which nothing is said of what still works",
    # Objects.
    "SPEC110": "an object without a class of the runtime that is no variant of byte arrays",
}

WINDOW: Final = 100
"""How many terminal columns of an offending line are shown."""


_LONGEST: Final = 400
"""How many characters of a message are shown."""


@dataclass(frozen=True)
class Diagnostic:
    """One fault: its stable code, what is wrong, where, and what would be right."""

    code: str
    message: str
    at: Position
    hint: str = ""
    line_text: str = ""

    def render(self) -> str:
        """Return the fault as Python shows a SyntaxError: place, line, caret, hint."""
        at = self.at
        lines = [f"{at.file}:{at.line}:{at.column}: {self.code} {self.message}"]
        if self.line_text.strip():
            shown, caret = _window(self.line_text, at.column - 1)
            lines += [f"    {shown}", f"    {' ' * caret}^"]
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)


class Diagnostics:
    """The faults of one run, in the order of the text."""

    def __init__(self, sources: Mapping[str, tuple[str, ...]] | None = None) -> None:
        """Collect faults of `sources`: the lines of each file, shown with its faults."""
        self._sources = dict(sources or {})
        self._found: dict[Diagnostic, None] = {}

    def add_source(self, file: str, lines: tuple[str, ...]) -> None:
        """Make the lines of `file` known, so that its faults can show them."""
        self._sources[file] = lines

    @property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of every file that was read."""
        return self._sources

    def add(self, code: str, message: str, at: Position, hint: str = "") -> None:
        """Add one fault; `code` must be in the registry."""
        if code not in CODES:
            raise KeyError(f"{code} is not a registered code")
        lines = self._sources.get(at.file, ())
        text = lines[at.line - 1] if 0 < at.line <= len(lines) else ""
        self._found[Diagnostic(code, _clipped(message), at, _clipped(hint), text)] = None

    def within(self, at: Position, offset: int) -> Position:
        """Return the place of a character of a scalar that starts at `at`, inside quotes or not."""
        lines = self._sources.get(at.file, ())
        text = lines[at.line - 1][at.column - 1 :] if 0 < at.line <= len(lines) else ""
        if text[:1] in ("|", ">"):
            return at
        return at._replace(column=at.column + offset + (text[:1] in ("'", '"')))

    def __iter__(self) -> Iterator[Diagnostic]:
        """Yield the faults by file, line and column; at one place in order of code and message."""
        return iter(sorted(self._found, key=lambda fault: (fault.at, fault.code, fault.message)))

    def __len__(self) -> int:
        """Return how many faults there are."""
        return len(self._found)

    def render(self) -> str:
        """Return all faults as text, with a blank line between two."""
        return "\n\n".join(fault.render() for fault in self)


def did_you_mean(wrong: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return a hint with the known name nearest to a wrong one, or `otherwise`."""
    names = sorted(set(known))
    near = get_close_matches(wrong, names, n=1) or [
        name for name in names if name.lower() == wrong.lower()
    ]
    return f"did you mean '{near[0]}'?" if near else otherwise


def _clipped(text: str) -> str:
    """Return a text in one line, without the middle if what it quotes is endless."""
    text = " ".join(text.split()) if "\n" in text else text
    return (
        text if len(text) <= _LONGEST else f"{text[: _LONGEST // 2]} ... {text[-_LONGEST // 4 :]}"
    )


def _width(char: str) -> int:
    """Return how many terminal columns a printable character takes."""
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def _window(line: str, column: int) -> tuple[str, int]:
    """Return the part of `line` around `column` that fits a terminal, and the caret's offset in it.

    Tabs are shown as one blank and unprintable characters as U+FFFD, so that the caret stays right
    and a hostile file cannot control the terminal.
    """
    cleaned = [
        " " if char == "\t" else char if char.isprintable() else "\ufffd" for char in line.rstrip()
    ]
    column = min(column, len(cleaned))
    start = len(cleaned) - len("".join(cleaned).lstrip())
    start = min(start, column)
    prefix = ""
    if sum(map(_width, cleaned[start:])) > WINDOW:
        room = WINDOW // 2
        while sum(map(_width, cleaned[start:column][:WINDOW])) > room:
            start = max(start + 1, column - room)
            prefix = "..."
    end, used = start, 0
    while end < len(cleaned) and used < WINDOW:
        used += _width(cleaned[end])
        end += 1
    suffix = "..." if end < len(cleaned) else ""
    caret = len(prefix) + sum(map(_width, cleaned[start:column]))
    return prefix + "".join(cleaned[start:end]) + suffix, caret
