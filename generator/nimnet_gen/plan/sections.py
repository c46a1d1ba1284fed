"""What is said of a callable, section by section: three layouts show it.

Docstrings, the reference pages and `explain` differ in order, headings and line ends. What belongs
to a section, and in which words, is decided here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nimnet_gen.model.declaration import EXTENSION
from nimnet_gen.model.evidence import Statement
from nimnet_gen.model.surface import Amendment, Callable
from nimnet_gen.naming import effective
from nimnet_gen.naming.names import python_name
from nimnet_gen.naming.special import is_operator
from nimnet_gen.plan.api import Api, Form
from nimnet_gen.plan.layout import one_line, paragraphs

_SENTENCE_END: Final = re.compile(r"(?<=[.!?])\s+(?=[A-Z`0-9])")


@dataclass(frozen=True)
class Note:
    """A name, and what is said of it; the text may be empty."""

    name: str
    text: str
    mark: str = ""
    """How readers are told that the documentation lacks it."""

    @property
    def dated(self) -> str:
        """The text, and since when the original has it, where the documentation lacks it."""
        if self.mark in ("", EXTENSION):
            return self.text
        ended = (
            self.text if not self.text or self.text.endswith((".", "!", "?")) else f"{self.text}."
        )
        return f"{ended} {self.mark[0].upper()}{self.mark[1:]}.".lstrip()


@dataclass(frozen=True)
class StatementNote:
    """One statement, in one line.

    Attributes:
        id: its id.
        says: what it says.
        untested: why nothing checks it; empty for one that is checked.
        later: what later versions do; may be empty.
        mark: how readers are told that the documentation lacks it; empty where it has it.
        statement: the statement itself, with its scenarios.
    """

    id: str
    says: str
    untested: str
    later: str
    mark: str
    statement: Statement


@dataclass(frozen=True)
class Sections:
    """Everything that is said of one entry.

    Attributes:
        documented: the signature as Nim writes it; empty for an extension.
        summary: the first sentence.
        rest: the paragraphs that follow it.
        paragraphs: both, as they were written.
        arguments: what it is given.
        results: what it returns: the result under its documented type, then parameters that become
            results.
        has_result: whether the first of `results` is the documented result.
        raises: when each exception of the contract is raised.
        tags: its effects.
        amendments: what departs from the documentation, and why.
        statements: what it promises.
        defined_by: the module of Nim's that has it, if it is another one; else empty.
        see: what it follows besides.
    """

    documented: str
    summary: str
    rest: tuple[str, ...]
    paragraphs: tuple[str, ...]
    arguments: tuple[Note, ...]
    results: tuple[Note, ...]
    has_result: bool
    raises: tuple[Note, ...]
    tags: tuple[str, ...]
    amendments: tuple[Note, ...]
    statements: tuple[StatementNote, ...]
    defined_by: str
    see: tuple[str, ...]

    @property
    def returns(self) -> str:
        """What all results mean, in their order."""
        return " ".join(note.dated for note in self.results if note.dated)


def sections(entry: Callable, form: Form | None = None) -> Sections:
    """Return everything that is said of an entry.

    Args:
        entry: What the specification says.
        form: How Python calls it. Without one, the arguments are all parameters of the entry, the
            object and those that become results among them.
    """
    summary, rest = summary_and_rest(entry.doc)
    params = effective.params(entry)
    result = effective.result(entry)
    given = params if form is None else tuple(param.entry for param in form.params)
    results = [] if result is None else [Note(result.type, one_line(result.doc), result.mark)]
    outs = (param for param in params if param.mode == "out")
    results += [Note(python_name(param), one_line(param.doc), param.mark) for param in outs]
    return Sections(
        "" if entry.extension else nim_signature(entry),
        summary,
        tuple(rest),
        tuple(paragraphs(entry.doc)),
        tuple(Note(python_name(p), one_line(p.doc), p.mark) for p in given),
        tuple(results),
        result is not None,
        tuple(Note(name, one_line(entry.errors[name])) for name in effective.contract(entry)),
        entry.tags or (),
        tuple(amendment_note(amendment) for amendment in entry.amend),
        statement_notes(entry.statements),
        entry.from_ or "",
        entry.see,
    )


def summary_and_rest(text: str) -> tuple[str, list[str]]:
    """Return the first sentence of a text, and the paragraphs that follow it."""
    opening, *others = paragraphs(text)
    first, *more = _SENTENCE_END.split(opening, maxsplit=1)
    return first, [*more, *others]


def statement_notes(statements: Iterable[Statement]) -> tuple[StatementNote, ...]:
    """Return what a callable, a type or a module promises."""
    return tuple(
        StatementNote(
            statement.id,
            one_line(statement.says),
            one_line(statement.untested or ""),
            one_line(statement.later or ""),
            statement.mark,
            statement,
        )
        for statement in statements
    )


def amendment_note(amendment: Amendment) -> Note:
    """Return what an amendment replaces the documentation with, and why."""
    if amendment.raises is not None:
        what = f"raises: [{', '.join(amendment.raises)}]"
    elif amendment.returns is not None:
        what = f"returns: {amendment.returns.type}"
    elif (param := amendment.param) is not None:
        what = f"{param.name}: {param.type}" if param.type else param.name
        what += f" = {param.default}" if param.default is not None else ""
    else:
        what = f"value: {amendment.value}"
    return Note(what, one_line(amendment.why))


def nim_signature(entry: Callable) -> str:
    """Return the documented signature, as Nim writes it.

    That of a later version has no contract and no effects: what stands there is the package's own.
    """
    if entry.kind == "property" and entry.returns is not None:
        # All other properties are extensions: this one is a field.
        return f"{entry.name}*: {entry.returns.type}"
    params: list[str] = []
    for param in entry.params:
        if param.extension or (param.since is not None and entry.is_documented):
            continue
        text = param.name
        if param.type:
            text += f": {'var ' if param.mode != 'in' else ''}{param.type}"
        if param.default is not None:
            text += f" = {param.default}"
        params.append(text)
    name = f"`{entry.name}`" if is_operator(entry.name) else entry.name
    kind = "proc" if entry.kind == "property" else entry.kind
    returns = entry.returns
    is_there = returns is not None and (returns.since is None or not entry.is_documented)
    result = f": {returns.type}" if returns is not None and is_there else ""
    pragmas = list(entry.pragmas)
    if entry.raises is not None and entry.is_documented:
        pragmas.append(f"raises: [{', '.join(entry.raises)}]")
    if entry.tags is not None and entry.is_documented:
        pragmas.append(f"tags: [{', '.join(entry.tags)}]")
    ending = f" {{.{', '.join(pragmas)}.}}" if pragmas else ""
    return f"{kind} {name}({'; '.join(params)}){result}{ending}"


def origin(entries: Iterable[Callable], api: Api) -> str:
    """Return the sentence that says where a callable comes from, and what checks it."""
    listed = list(entries)
    ids = [statement.id for entry in listed for statement in entry.statements]
    homes: dict[str, dict[str, None]] = {}
    later: dict[str, dict[str, None]] = {}
    for entry in listed:
        if entry.since is not None:
            later.setdefault(entry.mark, {})[f"`{entry.name}`"] = None
        elif entry.is_documented:
            home = f"Nim's `{entry.from_}`" if entry.from_ else f"the {api.spec.package.source}"
            homes.setdefault(home, {})[f"`{entry.name}`"] = None
    parts = [f"{' and '.join(names)} of {home}" for home, names in homes.items()]
    parts += [f"{' and '.join(names)}, there {mark}" for mark, names in later.items()]
    text = f"Follows {', and '.join(parts)}" if parts else f"An extension of {api.name}"
    text += f" (statements: {', '.join(ids)})." if ids else "."
    see = list(dict.fromkeys(place for entry in listed for place in entry.see))
    return text + (f" See {', '.join(see)}." if see else "")
