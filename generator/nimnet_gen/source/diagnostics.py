"""Faults of the specification as values: where, what is wrong, what would be right.

A fault is never raised: every stage adds to a `Diagnostics` and goes on, so that one run shows all.
Only a specification with hundreds of faults is given up, once there are enough to mend at first.
Codes are stable; `CODES` is their only registry, and no code is given twice.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Final

from nimnet_gen.source.position import Position

CODES: Final[Mapping[str, str]] = {
    # Reading a file.
    "SPEC001": "the file or folder cannot be read",
    "SPEC002": "the file is not UTF-8, or starts with a byte order mark",
    "SPEC003": "the file, or all files together, are larger than the limit",
    "SPEC004": "a character that has no place in a specification",
    "SPEC005": "a tab in the indentation",
    "SPEC006": "the text is not YAML",
    "SPEC007": "the file is empty, or holds more than one document",
    "SPEC008": "an anchor, an alias, a merge key, a tag or a directive",
    "SPEC009": "the same key twice in one mapping",
    "SPEC010": "nesting too deep",
    "SPEC011": "more of one thing than the limit: of a text, a list, a file, or what is listed",
    # Decoding it.
    "SPEC020": "the wrong shape: a mapping, a list or a scalar is expected",
    "SPEC021": "an unknown key",
    "SPEC022": "a missing key",
    "SPEC023": "a scalar of the wrong type",
    "SPEC024": "a value outside the possible ones",
    "SPEC025": "a file that the package does not list, or a listed file that is missing",
    "SPEC026": "a module's name that is not its file's",
    "SPEC027": "no text where words are needed",
    "SPEC028": "evidence of no entry of its module, or of one overload without saying which",
    "SPEC029": "evidence of one thing in two places",
    # Names.
    "SPEC030": "two symbols with the same name",
    "SPEC031": "two names that become one in Python",
    "SPEC032": "a name that is no Python identifier, or that Python or the package reserves",
    "SPEC033": "an extension's name that is not as Python writes it",
    "SPEC034": "a name of a package or a module, or a path in the runtime, that cannot be one",
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
    "SPEC049": "a type that has no place there",
    # Defaults and values.
    "SPEC050": "a default that does not parse",
    "SPEC051": "a default or value that does not fit its type",
    "SPEC052": "an unknown name in a default or a variant",
    "SPEC053": "two enum members with one value",
    "SPEC054": "a default or a type that needs what is only defined later",
    # Contracts.
    "SPEC060": "`raises` names something that is no exception",
    "SPEC061": "a contract that is too wide",
    "SPEC062": "`errors` that are not the contract's",
    "SPEC063": "no contract",
    "SPEC064": "a parameter without the exception that it must bring into the contract",
    "SPEC065": "an amendment that does not replace exactly one thing that is there",
    "SPEC066": "an unknown effect or pragma",
    # Overloads and properties.
    "SPEC070": "overloads that cannot be told apart in Python",
    "SPEC071": "a property whose setter and getter do not belong together",
    "SPEC072": "an operator, or a method of Python's data model, that is not as Python calls it",
    "SPEC073": "an overload to be shown first, of one alone or beside another",
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
    "SPEC098": "an enum whose members the runtime numbers otherwise",
    "SPEC092": "a class of the runtime that is not what the specification says",
    "SPEC093": "parameters in another order than the runtime function's",
    "SPEC094": "the runtime cannot be read",
    "SPEC095": "a type that the runtime function says otherwise",
    "SPEC096": "a rule about parameters that binds no callable",
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
    "SPEC110": "an object without a class of the runtime, variants of bytes or public fields",
    "SPEC111": "a callable of which nothing is stated",
    "SPEC112": "a constructor that does not make an object of its class",
    # The stage.
    "SPEC120": "a name of the stage that is none, that is taken, or that two things have",
    "SPEC121": "a part of the stage that refers to something that the stage does not have",
    "SPEC122": "a part of the stage that does not fit together, or that Python cannot name",
    "SPEC123": "a type or call of the stage that the specification does not have",
    # The oracle.
    "SPEC124": "something said of the original that is about nothing, or that Nim cannot read",
    # The documentation.
    "SPEC130": "an entry that the documentation does not have",
    "SPEC131": "something documented that is not transcribed",
    "SPEC132": "something transcribed in other words than the documentation's",
    "SPEC133": "entries in another order than the documentation's",
    "SPEC134": "an extension with the name of something documented",
    "SPEC135": "facts of the documentation that are not as they were taken",
    "SPEC136": "an extension, or a part of one, that says since which version the original has it",
    "SPEC137": "a version that is none of the original's, or an original without a name",
    # Names in texts.
    "SPEC140": "a name in backticks that nobody has, or a backtick alone",
    "SPEC141": "a name that is listed for the texts and that none needs",
    # The outputs: what the generator did wrong, and no rule on the specification caught.
    "SPEC150": "an output outside of the folder of outputs, or in the place of another",
    "SPEC151": "an output that does not parse",
    "SPEC152": "a name in an output that nothing defines, or that is defined twice or too late",
    "SPEC153": "the generator fails on a specification",
}

WINDOW: Final = 100
"""How many terminal columns of an offending line are shown."""

MOST: Final = 500
"""How many faults are collected; what there is to find is then a matter of time, not of use."""

_LONGEST: Final = 400
"""How many characters of a message are shown."""


_FIRST: Final = 3
"""How many of many places are named."""

LONGEST_NAME: Final = 100
"""How many characters a name has for which a similar one is looked for."""

_SPAN: Final = 100
"""In how many lines from a text's first a part of it is looked for."""

_EFFORT: Final = 5_000_000
"""How many pairs of characters are compared for the hints of one run, at most."""

_EFFORT_OF_NAME: Final = 50
"""The pairs that could be compared in the time that it takes to begin with another name."""


class TooManyFaultsError(Exception):
    """There are `MOST` faults, and no more are collected: the stage that finds them ends."""


@dataclass(frozen=True)
class Diagnostic:
    """One fault: its stable code, what is wrong, where, and what would be right."""

    code: str
    message: str
    at: Position
    hint: str = ""
    line_text: str = ""
    is_cause: bool = False
    """Whether others would follow from it, so that it is shown before all that are no causes."""

    def render(self) -> str:
        """Return the fault as Python shows a SyntaxError: place, line, caret, hint."""
        at = self.at
        lines = [f"{at.file}:{at.line}:{at.column}: {self.code} {self.message}"]
        if self.line_text and not self.line_text.isspace():
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
        self._folded: dict[tuple[str, str], tuple[Diagnostic, list[Position]]] = {}
        """What is the same in many places: the first that was found, and the others' places."""
        self._effort = _EFFORT
        self._is_full = False
        self._ignored: tuple[str, ...] = ()

    def add_source(self, file: str, lines: tuple[str, ...]) -> None:
        """Make the lines of `file` known, so that its faults can show them."""
        self._sources[file] = lines

    @property
    def sources(self) -> Mapping[str, tuple[str, ...]]:
        """The lines of every file that was read."""
        return self._sources

    def add(
        self,
        code: str,
        message: str,
        at: Position,
        hint: str = "",
        *,
        is_cause: bool = False,
        folds: bool = False,
    ) -> None:
        """Add one fault.

        Args:
            code: Its code, which must be in the registry.
            message: What is wrong.
            at: Where.
            hint: What would be right.
            is_cause: Whether others would follow from it.
            folds: Whether the same message at other places is the same fault.

        Raises:
            TooManyFaultsError: There are as many as are collected.
        """
        if code not in CODES:
            raise KeyError(f"{code} is not a registered code")
        if any(name in message for name in self._ignored):
            return
        if folds and (code, message) in self._folded:
            first, others = self._folded[code, message]
            if at != first.at and at not in others:
                others.append(at)
            return
        if len(self._found) == MOST:
            self._is_full = True
            raise TooManyFaultsError
        line = self._line(at)
        fault = Diagnostic(code, _clipped(message), at, _clipped(hint), line, is_cause)
        self._found[fault] = None
        if folds:
            self._folded[code, message] = fault, []

    def ignore(self, names: Iterable[str]) -> None:
        """Add no fault any more that is about one of some names: they are told of already."""
        self._ignored = tuple(f"'{name}" for name in names)

    def within(self, at: Position, offset: int) -> Position:
        """Return the place of a character of a scalar that starts at `at`, inside quotes or not."""
        first = self._line(at)[at.column - 1 : at.column]
        if first in ("|", ">"):
            return at
        return at._replace(column=at.column + offset + (first in ("'", '"')))

    def place_of(self, text: str, at: Position) -> Position:
        """Return where a part of the text at `at` stands, if it stands there as it is read."""
        lines = self._sources.get(at.file, ())
        column = at.column - 1
        for number in range(at.line, min(at.line + _SPAN, len(lines) + 1)):
            offset = lines[number - 1].find(text, column)
            if offset >= 0:
                return Position(at.file, number, offset + 1)
            column = 0
        return at

    def did_you_mean(self, wrong: str, known: Iterable[str], otherwise: str = "") -> str:
        """Return a hint as the function of that name does, while a run's effort lasts.

        To compare names takes far longer than to read them, so that what all hints of one run may
        take has an end, whatever the number of faults and of names.
        """
        names = tuple(known)
        effort = sum(len(wrong) * len(name) + _EFFORT_OF_NAME for name in names)
        if effort > self._effort or len(wrong) > LONGEST_NAME:
            return otherwise
        self._effort -= effort
        return did_you_mean(wrong, names, otherwise)

    @property
    def is_full(self) -> bool:
        """Whether there were more faults than are collected."""
        return self._is_full

    def _line(self, at: Position) -> str:
        """Return the line of a place, as far as it is known."""
        lines = self._sources.get(at.file, ())
        return lines[at.line - 1] if 0 < at.line <= len(lines) else ""

    def __iter__(self) -> Iterator[Diagnostic]:
        """Yield causes first, all by file, line and column; at one place by code and message."""

        def key(fault: Diagnostic) -> tuple[bool, Position, str, str]:
            return not fault.is_cause, fault.at, fault.code, fault.message

        return iter(sorted(map(self._unfolded, self._found), key=key))

    def _unfolded(self, fault: Diagnostic) -> Diagnostic:
        """Return a fault with the other places that have it."""
        first, others = self._folded.get((fault.code, fault.message), (None, []))
        if first != fault or not others:
            return fault
        also = f"it is the same in {places_of(others)}"
        return replace(fault, hint=f"{fault.hint} {also}" if fault.hint else also)

    def __len__(self) -> int:
        """Return how many faults there are."""
        return len(self._found)

    def render(self, most: int = MOST) -> str:
        """Return faults as text, with a blank line between two, and whether there are more.

        Args:
            most: How many are shown.
        """
        faults = list(self)
        shown = [fault.render() for fault in faults[:most]]
        if len(faults) > most:
            shown.append(f"and {len(faults) - most} more, which may follow from these")
        if self._is_full:
            shown.append(f"There are more faults: these are the {MOST} that were found first.")
        return "\n\n".join(shown)


def places_of(places: Iterable[Position]) -> str:
    """Return a list of places: the first few of the text, and how many there are."""
    ordered = sorted(places)
    shown = ", ".join(f"{at.file}:{at.line}" for at in ordered[:_FIRST])
    if len(ordered) <= _FIRST:
        return shown
    return f"{len(ordered)} places: {shown} and {len(ordered) - _FIRST} more"


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
    and a hostile file cannot control the terminal. Only that part of the line is looked at: it may
    be the only one of its file, and have hundreds of faults.
    """
    length = len(line.rstrip())
    column = min(column, length)
    start = min(len(line) - len(line.lstrip(" \t")), column)
    prefix = ""
    if _is_wider(line[start:length], WINDOW):
        room = WINDOW // 2
        while _is_wider(line[start:column], room):
            start = max(start + 1, column - room)
            prefix = "..."
    end, used = start, 0
    while end < length and used < WINDOW:
        used += _width(_shown(line[end]))
        end += 1
    suffix = "..." if end < length else ""
    caret = len(prefix) + sum(_width(_shown(char)) for char in line[start:column])
    return prefix + "".join(map(_shown, line[start:end])) + suffix, caret


def _shown(char: str) -> str:
    """Return what stands for a character on a terminal."""
    return " " if char == "\t" else char if char.isprintable() else "\ufffd"


def _is_wider(text: str, columns: int) -> bool:
    """Tell whether a text takes more columns of a terminal; what follows those is not looked at."""
    used = 0
    for char in text:
        used += _width(_shown(char))
        if used > columns:
            return True
    return False


def alternatives(names: Sequence[str]) -> str:
    """Return names as a sentence has them that leaves a choice: `a, b or c`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last
