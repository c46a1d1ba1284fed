"""The views of the reference pages: what the specification says, for people who browse it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from nimnet_gen.model.declaration import Marked
from nimnet_gen.model.entries import entries_of
from nimnet_gen.naming.contracts import MODULE
from nimnet_gen.plan.api import (
    Alias,
    Api,
    ApiModule,
    Constant,
    Distinct,
    Enum,
    ExceptionType,
    Form,
    Function,
    HandleClass,
    Record,
    RecordField,
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.layout import laid_out, one_line, paragraphs
from nimnet_gen.plan.sections import (
    Note,
    StatementNote,
    amendment_note,
    sections,
    statement_notes,
    summary_and_rest,
)
from nimnet_gen.plan.signature import shown_signatures


@dataclass(frozen=True)
class Row:
    """One line of a table or list: a name, and what it means."""

    name: str
    text: str


@dataclass(frozen=True)
class FormEntry:
    """One form of a callable."""

    signature: str
    nim: str
    home: str
    """The Nim module that defines it, if it is not the documented one."""
    paragraphs: tuple[str, ...]
    params: tuple[Row, ...]
    result: str
    raises: tuple[Row, ...]
    tags: str
    see: str
    amendments: tuple[Row, ...]
    statements: tuple[Row, ...]
    marking: str
    """The sentence that says that the documentation lacks it; empty where it has it."""


@dataclass(frozen=True)
class CallableEntry:
    """A function, method or property with all its forms."""

    title: str
    forms: tuple[FormEntry, ...]


@dataclass(frozen=True)
class TypeEntry:
    """A type with its members, and its methods."""

    title: str
    what: str
    marking: str
    paragraphs: tuple[str, ...]
    members: tuple[Row, ...]
    statements: tuple[Row, ...]
    callables: tuple[CallableEntry, ...]


@dataclass(frozen=True)
class ConstantEntry:
    """A constant."""

    title: str
    type: str
    value: str
    marking: str
    paragraphs: tuple[str, ...]
    amendments: tuple[Row, ...]


@dataclass(frozen=True)
class OmittedEntry:
    """Something that is documented and not generated, and why."""

    name: str
    why: str


@dataclass(frozen=True)
class ReferenceView:
    """The page of one module."""

    title: str
    paragraphs: tuple[str, ...]
    statements: tuple[Row, ...]
    types: tuple[TypeEntry, ...]
    constants: tuple[ConstantEntry, ...]
    functions: tuple[CallableEntry, ...]
    omitted: tuple[OmittedEntry, ...]


@dataclass(frozen=True)
class IndexView:
    """The first page."""

    title: str
    paragraphs: tuple[str, ...]
    modules: tuple[Row, ...]
    symbols: tuple[Row, ...]
    omitted: tuple[OmittedEntry, ...]


def index_view(api: Api) -> IndexView:
    """Return the first page: the modules, and where every symbol is described."""
    symbols: list[Row] = []
    for module in api.modules:
        for named in (*module.types, *module.constants):
            symbols += [_index_row(named.name, named.entry.doc, module.name)]
        for function in module.callables:
            if function.kind == "constructor":
                continue  # it is the class, which has a row
            symbols.append(_index_row(function.qualified, function.usual.entry.doc, module.name))
    for reexport in api.spec.package.reexports:
        symbols.append(_index_row(reexport.name, reexport.doc, MODULE))
    generated = {module.name for module in api.modules}
    return IndexView(
        api.name,
        tuple(paragraphs(api.spec.package.doc)),
        tuple(Row(m.name, summary_and_rest(m.entry.doc)[0]) for m in api.modules),
        tuple(sorted(symbols, key=lambda row: row.name.lower())),
        tuple(
            OmittedEntry(f"{module.name}: {entry.name}", entry.omit or "")
            for module in api.spec.modules
            if module.name not in generated
            for entry in entries_of(module)
        ),
    )


def _index_row(name: str, doc: str, page: str) -> Row:
    summary = summary_and_rest(doc)[0].replace("|", "\\|")
    return Row(f"[`{name}`]({page}.md#{anchor(name)})", summary)


def anchor(title: str) -> str:
    """Return the fragment by which Markdown renderers find a heading."""
    return "".join(c for c in title.lower() if c.isalnum() or c in "_-")


def reference_view(api: Api, module: ApiModule) -> ReferenceView:
    """Return the page of one module."""
    entry = module.entry
    return ReferenceView(
        f"{api.name}.{module.name}",
        tuple(paragraphs(entry.doc)),
        _statements(statement_notes(entry.statements)),
        tuple(_type(symbol) for symbol in module.types),
        tuple(_constant(constant) for constant in module.constants),
        tuple(_callable(function) for function in module.functions),
        tuple(
            OmittedEntry(omitted.name, omitted.omit)
            for omitted in entries_of(entry)
            if omitted.omit is not None
        ),
    )


def _type(symbol: TypeSymbol) -> TypeEntry:
    members: list[Row] = []
    functions: Iterable[Function] = ()
    what = ""
    match symbol:
        case Enum():
            what = "A set of flags (`enum.Flag`)." if symbol.is_flag else "An `enum.IntEnum`."
            members = [
                Row(member.name, _with_mark(one_line(member.entry.doc), member.entry.mark))
                for member in symbol.members
            ]
        case Distinct():
            what = f"A subclass of `{symbol.base}`"
            what += f", {symbol.range[0]} to {symbol.range[1]}." if symbol.range else "."
        case ExceptionType():
            bases = ", ".join(f"`{base.removeprefix('builtins.')}`" for base in symbol.bases)
            what = f"An exception, derived from {bases}."
            members = [
                Row(
                    f"{field.name}: {field.forms[0].result.annotation}",
                    _with_mark(one_line(field.forms[0].entry.doc), field.forms[0].entry.mark),
                )
                for field in symbol.fields
            ]
        case ValueClass():
            what = "An immutable value."
            members = [Row(symbol.discriminator, one_line(symbol.tag_doc))]
            members += [Row(branch.field, one_line(branch.doc)) for branch in symbol.branches]
            functions = symbol.methods
        case Record():
            what = (
                "An immutable record (a named tuple)."
                if symbol.is_tuple
                else "An immutable record (a frozen dataclass)."
            )
            members = [_field(field) for field in symbol.fields]
            functions = symbol.methods
        case HandleClass():
            what = "A class."
            functions = symbol.methods
            if symbol.constructor is not None:
                functions = (symbol.constructor, *functions)
        case Alias():  # pragma: no branch - the last case
            what = f"`{symbol.type.annotation}`"
    return TypeEntry(
        symbol.name,
        what,
        _marking(symbol.entry),
        tuple(paragraphs(symbol.entry.doc)),
        tuple(members),
        _statements(statement_notes(symbol.entry.statements)),
        tuple(_callable(function) for function in functions),
    )


def _field(field: RecordField) -> Row:
    """Return the row of a record's field: how it is given, and what it holds."""
    default = f" = {field.default.text}" if field.default is not None else ""
    text = _with_mark(one_line(field.entry.doc), field.entry.mark)
    return Row(f"{field.name}: {field.type.annotation}{default}", text)


def _constant(constant: Constant) -> ConstantEntry:
    value = constant.entry.platform or constant.value.text
    note = f"the system's `{value}`" if constant.entry.platform else f"`{value}`"
    return ConstantEntry(
        constant.name,
        constant.type.annotation,
        note,
        _marking(constant.entry),
        tuple(paragraphs(constant.entry.doc)),
        tuple(_row(amendment_note(amendment)) for amendment in constant.entry.amend),
    )


def _callable(function: Function) -> CallableEntry:
    forms = tuple(_form(function, form) for form in function.forms_and_setter)
    title = f"{function.name}()" if function.kind == "constructor" else function.qualified
    return CallableEntry(title, forms)


def _form(function: Function, form: Form) -> FormEntry:
    said = sections(form.entry, form)
    return FormEntry(
        "\n".join(laid_out(shown) for shown in shown_signatures(function, form)),
        said.documented,
        said.defined_by,
        said.paragraphs,
        tuple(_marked(note) for note in said.arguments),
        said.returns,
        tuple(_row(note) for note in said.raises),
        ", ".join(said.tags),
        ", ".join(said.see),
        tuple(_row(note) for note in said.amendments),
        _statements(said.statements),
        _marking(form.entry),
    )


def _row(note: Note) -> Row:
    return Row(note.name, note.text)


def _marked(note: Note) -> Row:
    return Row(note.name, _with_mark(note.text, note.mark))


def _marking(entry: Marked) -> str:
    """Return the sentence that says that the documentation lacks an entry, or an empty text."""
    if entry.is_documented:
        return ""
    what = "An extension" if entry.extension else f"{entry.mark[0].upper()}{entry.mark[1:]}"
    return f"{what}: the documentation does not have it."


def _with_mark(text: str, mark: str) -> str:
    return f"{text} *({mark})*".lstrip() if mark else text


def _statements(notes: Iterable[StatementNote]) -> tuple[Row, ...]:
    return tuple(
        Row(
            note.id,
            _with_mark(note.says, note.mark)
            + (f" *(not tested: {note.untested})*" if note.untested else ""),
        )
        for note in notes
    )
