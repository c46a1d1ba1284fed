"""Everything that the specification says of one name, for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from nimnet_gen.model.declaration import Marked
from nimnet_gen.model.entries import Entry
from nimnet_gen.model.evidence import NimVerdict, Scenario, Statement
from nimnet_gen.model.references import NoOverloadError, reference
from nimnet_gen.model.surface import Callable, Const, EnumMember, ObjectField, Spec, Type
from nimnet_gen.naming import names
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.plan import resolve
from nimnet_gen.plan.api import Form, Function
from nimnet_gen.plan.layout import flat, one_line, paragraphs
from nimnet_gen.plan.sections import Note, amendment_note, sections, statement_notes
from nimnet_gen.plan.signature import shown_signatures
from nimnet_gen.report.wording import action_text, answer_text, restriction_text, step_text
from nimnet_gen.source.diagnostics import did_you_mean
from nimnet_gen.stage.matrix import Matrix
from nimnet_gen.stage.setting import variant_labels

WIDTH: Final = 88


class UnknownNameError(Exception):
    """The specification has no such name; the message has a hint."""


@dataclass(frozen=True)
class _Known:
    """An entry under the names that people may use for it."""

    entry: Entry
    names: frozenset[str]


def explain(name: str, spec: Spec) -> Iterator[str]:
    """Yield the lines about a name.

    Args:
        name: Nim's or Python's, with or without its class; `name/2` is the second overload.
        spec: The specification.

    Raises:
        UnknownNameError: Nothing is called that.
    """
    known = list(_known(spec))
    meant = reference(name)
    found = list({id(one.entry): one.entry for one in known if meant.name in one.names}.values())
    if not found:
        hint = did_you_mean(meant.name, {label for one in known for label in one.names})
        message = f"the specification has no '{meant.name}'"
        raise UnknownNameError(f"{message}; {hint}" if hint else message)
    try:
        numbered = meant.of(found)
    except NoOverloadError as error:
        raise UnknownNameError(str(error)) from None
    return _lines(found if numbered is None else [numbered], spec)


def _lines(found: Iterable[Entry], spec: Spec) -> Iterator[str]:
    api = resolve(spec)
    forms: dict[int, tuple[Function, Form]] = {}
    for module in api.modules:
        for function in module.callables:
            for form in function.forms_and_setter:
                forms[id(form.entry)] = (function, form)
    for index, entry in enumerate(found):
        if index:
            yield ""
            yield "-" * WIDTH
        at = entry.at
        yield f"{entry.name}  ({at.file}:{at.line})"
        if isinstance(entry, Callable):
            yield from _callable(entry, forms.get(id(entry)))
        elif isinstance(entry, Type):
            yield from _type(entry)
        else:
            yield from _const(entry)
        yield from _statements(entry.statements, spec)


def _known(spec: Spec) -> Iterator[_Known]:
    symbols = Symbols.of(spec)
    for module in spec.modules:
        for entry in module.types:
            yield _Known(entry, frozenset({entry.name}))
            for member in entry.members:
                labels = {member.name, names.python_constant(member)}
                labels |= {f"{entry.name}.{label}" for label in labels}
                yield _Known(entry, frozenset(labels))
        for const in module.consts:
            yield _Known(const, frozenset({const.name, names.python_constant(const)}))
        for proc in module.procs:
            labels = {proc.name, names.python_name(proc)}
            owner = symbols.owner(proc)
            if owner is not None:
                labels |= {f"{owner.name}.{label}" for label in labels}
            yield _Known(proc, frozenset(labels))


def _callable(entry: Callable, resolved: tuple[Function, Form] | None) -> Iterator[str]:
    said = sections(entry)
    if said.documented:
        yield ""
        yield from _field("Nim", said.documented)
    if resolved is not None:
        function, form = resolved
        owner = f"{function.owner}." if function.owner else ""
        for shown in shown_signatures(function, form):
            yield from _field("Python", f"{owner}{flat(shown)}")
        yield from _field("runtime", form.runtime)
    if entry.omit is not None:
        yield from _field("not there", one_line(entry.omit))
    yield from _marking(entry)
    yield from _prose(entry.doc)
    described = [(note.name, _marked(note)) for note in said.arguments if note.text]
    yield from _section("Parameters", described)
    if said.has_result:
        yield from _section("Returns", [(note.name, _marked(note)) for note in said.results[:1]])
    yield from _section("Raises", _rows(said.raises))
    if not said.raises:
        yield ""
        yield "Raises nothing."
    if said.tags:
        yield from _section("Effects", [(", ".join(said.tags), "")])
    yield from _section("Amended", _rows(said.amendments))
    if said.defined_by:
        yield from _section("Defined", [(f"by Nim's {said.defined_by}", "")])
    yield from _section("See", [(place, "") for place in said.see])


def _marking(entry: Marked) -> Iterator[str]:
    """Yield what an entry is that the documentation does not have."""
    if entry.extension:
        yield from _field("extension", "the documentation does not have it")
    elif entry.since is not None:
        yield from _field("since", f"{one_line(entry.since)}; the documentation does not have it")


def _rows(notes: Iterable[Note]) -> list[tuple[str, str]]:
    return [(note.name, note.text) for note in notes]


def _marked(note: Note) -> str:
    return f"{note.text} ({note.mark})".lstrip() if note.mark else note.text


def _part(part: EnumMember | ObjectField) -> str:
    """Return what is said of a part of a type."""
    doc = one_line(part.doc)
    return f"{doc} ({part.mark})".lstrip() if part.mark else doc


def _type(entry: Type) -> Iterator[str]:
    yield ""
    origin = f", of Nim's {entry.from_}" if entry.from_ else ""
    yield from _field("kind", entry.kind + origin)
    if entry.base:
        yield from _field("base", entry.base)
    if entry.range:
        yield from _field("range", f"{entry.range[0]} to {entry.range[-1]}")
    yield from _marking(entry)
    if entry.omit is not None:
        yield from _field("not there", one_line(entry.omit))
    yield from _prose(entry.doc)
    yield from _section(
        "Members", [(names.python_constant(member), _part(member)) for member in entry.members]
    )
    yield from _section(
        "Fields", [(f"{field.name}: {field.type}", _part(field)) for field in entry.fields]
    )


def _const(entry: Const) -> Iterator[str]:
    yield ""
    yield from _field("Python", names.python_constant(entry))
    if entry.type:
        yield from _field("type", entry.type)
    value = f"the system's {entry.platform}" if entry.platform else str(entry.value)
    yield from _field("value", value)
    yield from _marking(entry)
    if entry.omit is not None:
        yield from _field("not there", one_line(entry.omit))
    yield from _prose(entry.doc)
    yield from _section("Amended", _rows(amendment_note(amendment) for amendment in entry.amend))


def _statements(statements: Iterable[Statement], spec: Spec) -> Iterator[str]:
    notes = statement_notes(statements)
    if not notes:
        return
    matrix = Matrix.of(spec)
    yield ""
    yield "Statements"
    for note in notes:
        own = f" ({note.mark})" if note.mark else ""
        at = note.statement.at
        yield f"  {note.id}{own}  ({at.file}:{at.line})"
        yield from _wrapped(note.says, 4)
        if note.untested:
            yield from _wrapped(f"not tested: {note.untested}", 4)
        if note.later:
            yield from _wrapped(f"later: {note.later}", 4)
        for scenario in note.statement.scenarios:
            yield from _scenario(scenario, matrix)


def _scenario(scenario: Scenario, matrix: Matrix) -> Iterator[str]:
    """Yield what a scenario sets up, does and demands, and where Nim departs from it."""
    name = f": {scenario.name}" if scenario.name else ""
    yield from _wrapped(f"scenario{name} ({scenario.at.file}:{scenario.at.line})", 4)
    chosen = (f", {name} {word}" for name, word in scenario.settings.items())
    yield from _wrapped(f"given {matrix.given(scenario).name}{''.join(chosen)}", 6, hanging=3)
    if restriction := restriction_text(scenario, matrix.stage):
        yield from _wrapped(f"only {restriction}: {one_line(scenario.because)}", 6, hanging=3)
    for host, answer in scenario.names.items():
        yield from _wrapped(f"the resolver {answer_text(host, answer)}", 6, hanging=3)
    if scenario.peer:
        script = ", ".join(action_text(action, matrix.stage) for action in scenario.peer)
        yield from _wrapped(f"the peer {script}", 6, hanging=3)
    for number, step in enumerate(scenario.steps, start=1):
        yield from _wrapped(f"{number}. {step_text(step)}", 6, hanging=3)
    for operation in matrix.used(scenario):
        forms = ", ".join(form.call for form in operation.forms)
        yield from _wrapped(f"{operation.name} in the forms {forms}", 6, hanging=3)
    for verdict in scenario.nim:
        where = _place(verdict)
        yield from _wrapped(
            f"Nim{where}: {verdict.observed}. {one_line(verdict.why)}", 6, hanging=3
        )


def _place(verdict: NimVerdict) -> str:
    """Return where a verdict holds; empty for everywhere."""
    parts = [*(verdict.transports or ()), *(verdict.forms or ())]
    parts += variant_labels(verdict.variants)
    return f" ({', '.join(parts)})" if parts else ""


def _field(label: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(
        f"{label + ':':11}{text}", WIDTH, subsequent_indent=" " * 11, break_on_hyphens=False
    )


def _prose(text: str) -> Iterator[str]:
    for part in paragraphs(text):
        yield ""
        yield from _wrapped(part, 0)


def _section(title: str, rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    listed = list(rows)
    if not listed:
        return
    yield ""
    yield title
    for name, text in listed:
        yield from textwrap.wrap(
            f"{name}: {text}" if text else name,
            WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
            break_on_hyphens=False,
        )


def _wrapped(text: str, margin: int, hanging: int = 0) -> list[str]:
    if text.startswith("    "):
        return text.splitlines()
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=" " * margin,
        subsequent_indent=" " * (margin + hanging),
        break_on_hyphens=False,
    )
