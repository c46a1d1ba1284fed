"""Docstrings: what the specification says, in the sections that Python readers expect."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from nimnet_gen.model.surface import Const, EnumMember, ObjectField, Type
from nimnet_gen.plan.api import Api, Form, Function
from nimnet_gen.plan.layout import INDENT, docstring, laid_out, wrapped
from nimnet_gen.plan.sections import origin, sections, summary_and_rest
from nimnet_gen.plan.signature import shown_signatures


def plain_docstring(
    text: str, depth: int, raises: Mapping[str, str] = MappingProxyType({})
) -> list[str]:
    """Return the docstring of a module or a variant, with its quotes.

    Args:
        text: What the specification says.
        depth: How many levels it is indented.
        raises: When each exception is raised.
    """
    lines = _prose(text, depth)
    if raises:
        lines += ["", "Raises:"]
        for name, when in raises.items():
            lines += _entry(name, when, depth)
    return docstring(lines, depth)


def marked_docstring(entry: Type | Const | EnumMember | ObjectField, depth: int) -> list[str]:
    """Return the docstring of what the documentation may lack, with its quotes.

    Args:
        entry: What the specification says of it.
        depth: How many levels it is indented.
    """
    lines = _prose(entry.doc, depth)
    if entry.since is not None:
        lines += ["", *wrapped(_sentence(entry.mark), depth)]
    return docstring(lines, depth)


def function_docstring(function: Function, api: Api, depth: int) -> list[str]:
    """Return the docstring of a function with all its forms, with its quotes."""
    forms = function.forms or ((function.setter,) if function.setter else ())
    if len(forms) == 1 and not forms[0].by_place:
        return docstring(_form_lines(forms[0], api, depth, function), depth)
    summary, _ = summary_and_rest(function.usual.entry.doc)
    lines = wrapped(summary, depth)
    count = sum(len(shown_signatures(function, form)) for form in forms)
    lines += ["", f"There are {_number(count)} forms:"]
    for form in forms:
        lines.append("")
        for shown in shown_signatures(function, form):
            head = laid_out(shown, depth + 1)
            lines += _shifted(head.splitlines(), 1, already=depth + 1)
        body = _form_lines(form, api, depth + 2, function)
        lines += _shifted(body, 2)
    return docstring(lines, depth)


def form_docstring(form: Form, depth: int) -> list[str]:
    """Return the docstring of the private body of one form."""
    summary, _ = summary_and_rest(form.entry.doc)
    return docstring(wrapped(summary, depth), depth)


def setter_docstring(function: Function, form: Form, api: Api, depth: int) -> list[str]:
    """Return the docstring of a property's setter."""
    return docstring(_form_lines(form, api, depth, function), depth)


def _form_lines(form: Form, api: Api, depth: int, function: Function) -> list[str]:
    """Return the lines of one form's documentation, for text that is indented `depth` levels."""
    said = sections(form.entry, form)
    lines = _prose(form.entry.doc, depth)
    if described := [note for note in said.arguments if note.text]:
        lines += ["", "Args:"]
        for note in described:
            lines += _entry(note.name, note.dated, depth)
    if (
        form.result.annotation != "None"
        and said.returns
        and function.kind in ("function", "method")
    ):
        lines += ["", "Returns:"]
        lines += _shifted(wrapped(said.returns, depth + 1), 1)
    if said.raises:
        lines += ["", "Raises:"]
        for note in said.raises:
            lines += _entry(note.name, _sentence(note.text), depth)
    return [*lines, "", *wrapped(origin([form.entry], api), depth)]


def _sentence(text: str) -> str:
    first = text[0].upper() + text[1:]
    return first if first.endswith((".", "!", "?")) else f"{first}."


def _entry(name: str, doc: str, depth: int) -> list[str]:
    return _shifted(wrapped(doc, depth + 1, hanging=1, first=f"{name}: "), 1)


def _prose(text: str, depth: int) -> list[str]:
    summary, rest = summary_and_rest(text)
    # The opening quotes take three columns of the first line.
    lines = wrapped("..." + summary, depth)
    lines[0] = lines[0][3:]
    for part in rest:
        lines += ["", *wrapped(part, depth)]
    return lines


def _shifted(lines: Iterable[str], levels: int, already: int = 0) -> list[str]:
    """Indent lines; the ones after the first lose the margin that laying out gave them."""
    shifted: list[str] = []
    for index, line in enumerate(lines):
        bare = line[len(INDENT) * already :] if index else line
        shifted.append(f"{INDENT * levels}{bare}" if bare else "")
    return shifted


def _number(count: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
    return words[count] if count < len(words) else str(count)
