"""What a change of the specification means to users: breaking, an addition, or wording.

Two revisions are resolved to the Python API that each gives, and the two are compared: what only
the transcription of Nim's side changes is nothing to users.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import TypeVar

from nimnet_gen.comparison.impact import Added, Change, Impact
from nimnet_gen.model.declaration import Marked
from nimnet_gen.model.evidence import Statement
from nimnet_gen.model.surface import Callable as Entry
from nimnet_gen.naming import effective
from nimnet_gen.plan.api import (
    Alias,
    Api,
    Constant,
    Distinct,
    Enum,
    ExceptionType,
    Form,
    Function,
    HandleClass,
    Parameter,
    Record,
    RecordField,
    TypeSymbol,
    ValueClass,
)
from nimnet_gen.plan.layout import flat, one_line
from nimnet_gen.plan.package.guards import numbers
from nimnet_gen.plan.signature import shown_signature

_T = TypeVar("_T")


def compare(before: Api, now: Api) -> Iterator[Change]:
    """Yield every change between two APIs, in order of the modules."""
    if before.name != now.name:
        text = f"the package {before.name} is now called {now.name}"
        yield Change(Impact.BREAKING, text)
    yield from _types(before, now)
    yield from _numbers(before, now)
    yield from _constants(before, now)
    yield from _functions(before, now)
    yield from _reexports(before, now)
    yield from _rules(before, now)
    homes, new_homes = before.homes, now.homes
    for name, home in homes.items():
        if name in new_homes and new_homes[name] != home:
            text = f"{name} moved from {now.name}.{home} to {now.name}.{new_homes[name]}"
            yield Change(Impact.BREAKING, text)
    yield from _text("the package's documentation", before.spec.package.doc, now.spec.package.doc)
    old_modules = {module.name: module for module in before.modules}
    for module in now.modules:
        if old := old_modules.get(module.name):
            yield from _text(f"the documentation of {module.name}", old.entry.doc, module.entry.doc)
            yield from _statements(module.name, old.entry.statements, module.entry.statements)


def _reexports(before: Api, now: Api) -> Iterator[Change]:
    """Yield what comes from other packages, and does no longer, or does now."""
    old, new = ({one.name: one for one in api.spec.package.reexports} for api in (before, now))
    for name in (name for name in old if name not in new):
        yield Change(Impact.BREAKING, f"{name} of {old[name].from_} is gone")
    for name in (name for name in new if name not in old):
        text = f"{name} of {new[name].from_} is there"
        yield Change(Impact.ADDITION, text, (Added(f"{now.name}.{name}"),))


def _rules(before: Api, now: Api) -> Iterator[Change]:
    """Yield when an exception is raised, that a rule brings, and was not before.

    Without a rule it is always raised by what has it in its contract.
    """
    old, new = (
        {(one.param, one.raises): one for one in api.spec.types.rules} for api in (before, now)
    )
    for key in (key for key in {**old, **new} if _bound(before, *key) and _bound(now, *key)):
        param, raises = key
        was, rule = old.get(key), new.get(key)
        unless, was_unless = (one.unless if one else None for one in (rule, was))
        if unless != was_unless:
            text = f"{raises} is raised with {_any_but(param, unless)}"
            text += f"; it was with {_any_but(param, was_unless)}"
            yield Change(Impact.BREAKING if was_unless else Impact.ADDITION, text)
        block, was_block = (one.imposed_by if one else None for one in (rule, was))
        if block != was_block:
            text = f"{raises} without {param} is raised {_block(block)}; it was {_block(was_block)}"
            yield Change(Impact.BREAKING if was_block else Impact.ADDITION, text)


def _bound(api: Api, param: str, raises: str) -> bool:
    """Tell whether a rule binds some callable, or would bind it, that may raise its exception."""
    return any(
        raises in form.raises and any(one.entry.name == param for one in form.params)
        for module in api.modules
        for function in module.callables
        for form in function.forms
    )


def _any_but(param: str, unless: str | None) -> str:
    return f"any {param}" + (f" but {unless}" if unless else "")


def _block(imposed_by: str | None) -> str:
    return f"in blocks of {imposed_by}" if imposed_by else "always"


def _types(before: Api, now: Api) -> Iterator[Change]:
    old = {symbol.name: symbol for module in before.modules for symbol in module.types}
    new = {symbol.name: symbol for module in now.modules for symbol in module.types}
    yield from _presence("type ", old, new, _none_added)
    for name in (name for name in old if name in new):
        yield from _type(old[name], new[name])


def _type(old: TypeSymbol, new: TypeSymbol) -> Iterator[Change]:
    name = new.name
    if old.entry.kind != new.entry.kind:
        text = f"{name} changed from {old.entry.kind} to {new.entry.kind}"
        yield Change(Impact.BREAKING, text)
    match old, new:
        case Enum(), Enum():
            yield from _enum(old, new)
        case Distinct(), Distinct() if old.base != new.base:
            text = f"{name} was a subclass of {old.base}, and is one of {new.base}"
            yield Change(Impact.BREAKING, text)
        case Record(), Record():
            yield from _record(old, new)
        case Distinct(), Distinct() if old.range != new.range:
            text = f"range of {name} changed from {_range(old)} to {_range(new)}"
            yield Change(Impact.BREAKING, text)
        case ExceptionType(), ExceptionType():
            yield from _exception(old, new)
        case Alias(), Alias() if old.type.annotation != new.type.annotation:
            text = f"{name} changed from {old.type.annotation} to {new.type.annotation}"
            yield Change(Impact.BREAKING, text)
        case ValueClass(), ValueClass() if old.branches != new.branches:
            fields = {branch.field: branch for branch in new.branches}
            for branch in old.branches:
                if fields.get(branch.field) != branch:
                    yield Change(Impact.BREAKING, f"field {name}.{branch.field} changed or is gone")
        case HandleClass(), HandleClass() if old.runtime != new.runtime:
            text = f"runtime class of {name} changed from {old.runtime} to {new.runtime}"
            yield Change(Impact.INTERNAL, text)
        case _:
            pass
    yield from _mark(name, old.entry, new.entry)
    yield from _text(f"the documentation of {name}", old.entry.doc, new.entry.doc)
    yield from _statements(name, old.entry.statements, new.entry.statements)


def _exception(old: ExceptionType, new: ExceptionType) -> Iterator[Change]:
    name = new.name
    if old.bases != new.bases:
        text = f"bases of {name} changed from {', '.join(old.bases)} to {', '.join(new.bases)}"
        yield Change(Impact.BREAKING, text)
    before = {field.name: field.forms[0] for field in old.fields}
    now = {field.name: field.forms[0] for field in new.fields}
    yield from _presence(f"field {name}.", before, now, _none_added)
    for field, form in now.items():
        if field not in before:
            continue
        was, of = before[field].result.annotation, form.result.annotation
        if was != of:
            text = f"type of {name}.{field} changed from {was} to {of}"
            yield Change(Impact.BREAKING, text)
        yield from _words(f"{name}.{field}", before[field].entry, form.entry)


def _record(old: Record, new: Record) -> Iterator[Change]:
    """Yield what changed for who makes such a record, or reads it."""
    if old.is_tuple != new.is_tuple:
        yield Change(
            Impact.BREAKING, f"{new.name} is {'now' if new.is_tuple else 'no longer'} a tuple"
        )
    fields = {field.name: field for field in new.fields}
    for was in old.fields:
        field = fields.get(was.name)
        if field is None:
            yield Change(Impact.BREAKING, f"field {new.name}.{was.name} is gone")
            continue
        before, now = _field(was), _field(field)
        if before != now:
            text = f"field {new.name}.{was.name} changed from {before} to {now}"
            yield Change(Impact.BREAKING, text)
    known = {field.name for field in old.fields}
    for index, field in enumerate(new.fields):
        if field.name not in known:
            later = (other for other in new.fields[index:] if not other.keyword_only)
            takes_a_place = any(other.name in known for other in later)
            is_breaking = field.default is None or new.is_tuple or takes_a_place
            impact = Impact.BREAKING if is_breaking else Impact.ADDITION
            yield Change(impact, f"field {new.name}.{field.name} is new")
    kept = [field.name for field in new.fields if field.name in known]
    if kept != [field.name for field in old.fields if field.name in fields]:
        yield Change(Impact.BREAKING, f"the order of the fields of {new.name} changed")


def _field(field: RecordField) -> str:
    """Return how a field is given: by name alone, with its type and its default."""
    default = f" = {field.default.text}" if field.default is not None else ""
    return f"{'*, ' if field.keyword_only else ''}{field.type.annotation}{default}"


def _range(symbol: Distinct) -> str:
    return f"{symbol.range[0]} to {symbol.range[1]}" if symbol.range else "any"


def _enum(old: Enum, new: Enum) -> Iterator[Change]:
    olds = {member.name: member for member in old.members}
    news = {member.name: member for member in new.members}
    yield from _presence(f"member {new.name}.", olds, news, _none_added)
    for name, member in olds.items():
        if name not in news:
            continue
        was, value = member.value.text, news[name].value.text
        if was != value:
            text = f"value of {new.name}.{name} changed from {was} to {value}"
            yield Change(Impact.BREAKING, text)
        yield from _mark(f"{new.name}.{name}", member.entry, news[name].entry)
        what = f"the documentation of {new.name}.{name}"
        yield from _text(what, member.entry.doc, news[name].entry.doc)
    if old.is_flag != new.is_flag:
        yield Change(
            Impact.BREAKING, f"{new.name} is {'now' if new.is_flag else 'no longer'} a Flag"
        )
    if old.exports_members != new.exports_members:
        impact = Impact.ADDITION if new.exports_members else Impact.BREAKING
        verb = "can now" if new.exports_members else "can no longer"
        yield Change(impact, f"members of {new.name} {verb} be imported by themselves")


def _numbers(before: Api, now: Api) -> Iterator[Change]:
    """Yield which integer parameters, of those that are still there, take members of which enum."""
    old, new = dict(numbers(before)), dict(numbers(now))
    for name in sorted(_integers(before) & _integers(now)):
        was, enum = old.get(name), new.get(name)
        if was == enum:
            continue
        if was is not None:
            yield Change(Impact.BREAKING, f"parameters {name} refuse members of {was}")
        if enum is not None:
            yield Change(Impact.ADDITION, f"parameters {name} take members of {enum}")


def _integers(api: Api) -> set[str]:
    """Return the names of all parameters that are integers."""
    return {
        param.name
        for module in api.modules
        for function in module.callables
        for form in function.forms
        for param in form.params
        if param.type.annotation == "int"
    }


def _constants(before: Api, now: Api) -> Iterator[Change]:
    old = {constant.name: constant for module in before.modules for constant in module.constants}
    new = {constant.name: constant for module in now.modules for constant in module.constants}
    yield from _presence("constant ", old, new, _constant_added)
    for name, was in old.items():
        if name in new:
            yield from _constant(was, new[name])


def _constant(old: Constant, new: Constant) -> Iterator[Change]:
    if old.value.text != new.value.text:
        text = f"value of {new.name} changed from {old.value.text} to {new.value.text}"
        yield Change(Impact.BREAKING, text)
    if old.type.annotation != new.type.annotation:
        text = f"type of {new.name} changed from {old.type.annotation} to {new.type.annotation}"
        yield Change(Impact.BREAKING, text)
    yield from _mark(new.name, old.entry, new.entry)
    yield from _text(f"the documentation of {new.name}", old.entry.doc, new.entry.doc)
    yield from _statements(new.name, old.entry.statements, new.entry.statements)


def _functions(before: Api, now: Api) -> Iterator[Change]:
    old = {function.qualified: function for m in before.modules for function in m.callables}
    new = {function.qualified: function for m in now.modules for function in m.callables}
    yield from _presence("", old, new, _function_added)
    for name, was in old.items():
        if name in new:
            yield from _function(was, new[name])


def _function(old: Function, new: Function) -> Iterator[Change]:
    name = new.qualified
    if old.kind != new.kind:
        yield Change(Impact.BREAKING, f"{name} changed from {old.kind} to {new.kind}")
    for was, form in _matched(old.forms, new.forms):
        if form is None:
            if was is not None:  # pragma: no branch - one of the two is there
                yield Change(Impact.BREAKING, f"{_shown(name, was)} is gone")
        elif was is None:
            added = (_form_added(new, form),)
            yield Change(Impact.ADDITION, f"{_shown(name, form)} is new", added)
        else:
            yield from _form(name, was, form)
    if old.setter and new.setter:
        yield from _form(name, old.setter, new.setter)
    elif old.setter:
        yield Change(Impact.BREAKING, f"{name} can no longer be set")
    elif new.setter:
        added = (_form_added(new, new.setter),)
        yield Change(Impact.ADDITION, f"{name} can now be set", added)


def _matched(old: Sequence[Form], new: Sequence[Form]) -> Iterator[tuple[Form | None, Form | None]]:
    """Pair the forms of two revisions: by their parameters, then by what is left in order."""
    rest = list(new)
    unmatched: list[Form] = []
    for was in old:
        same = next((form for form in rest if _key(form) == _key(was)), None)
        if same is None:
            unmatched.append(was)
        else:
            rest.remove(same)
            yield was, same
    yield from zip_longest(unmatched, rest)


def _key(form: Form) -> list[tuple[str, str]]:
    return [(param.name, param.type.annotation) for param in form.params]


def _shown(name: str, form: Form) -> str:
    return f"{name}({', '.join(param.name for param in form.params)})"


def _form(name: str, old: Form, new: Form) -> Iterator[Change]:
    yield from _params(name, old, new)
    if old.result.annotation != new.result.annotation:
        was, result = old.result.annotation, new.result.annotation
        yield Change(Impact.BREAKING, f"result of {name} changed from {was} to {result}")
    shown = _shown(name, new)
    for exception in new.raises:
        if exception not in old.raises:
            yield Change(Impact.BREAKING, f"{shown} can now raise {exception}")
    for exception in old.raises:
        if exception not in new.raises:
            yield Change(Impact.ADDITION, f"{shown} no longer raises {exception}")
    was_tags, tags = ((form.entry.tags or ()) for form in (old, new))
    if was_tags != tags:
        text = f"effects of {shown} changed from {_listed(was_tags)} to {_listed(tags)}"
        yield Change(Impact.WORDING, text)
    if old.runtime != new.runtime:
        text = f"body of {shown} moved from {old.runtime} to {new.runtime}"
        yield Change(Impact.INTERNAL, text)
    yield from _words(shown, old.entry, new.entry)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words) or "none"


def _params(name: str, old: Form, new: Form) -> Iterator[Change]:
    olds = {param.name: param for param in old.params}
    news = {param.name: param for param in new.params}
    gone = [param for param in old.params if param.name not in news]
    added = [param for param in new.params if param.name not in olds]
    # One that is gone and one that came at the same place, of the same type, is a new name.
    for was in list(gone):
        place = old.params.index(was)
        twin = new.params[place] if place < len(new.params) else was
        if twin in added and twin.type.annotation == was.type.annotation:
            yield Change(
                Impact.BREAKING, f"parameter {was.name} of {name} is now called {twin.name}"
            )
            gone.remove(was)
            added.remove(twin)
            yield from _param(name, was, twin)
    for was in gone:
        yield Change(Impact.BREAKING, f"parameter {was.name} of {name} is gone")
    for param in added:
        if param.default is None:
            yield Change(Impact.BREAKING, f"{name} needs a new parameter {param.name}")
        elif (behind := _moved_by(param, old, new)) is not None:
            text = f"{name} takes a new parameter {param.name} before {behind}"
            yield Change(Impact.BREAKING, text)
        else:
            text = f"{name} takes a new parameter {param.name} = {param.default.text}"
            yield Change(Impact.ADDITION, text)
    for name_of, was in olds.items():
        if name_of in news:
            yield from _param(name, was, news[name_of])
    if old.by_place != new.by_place:
        what = f"{name}({new.params[max(old.by_place, new.by_place) - 1].name})"
        if new.by_place > old.by_place:
            yield Change(Impact.ADDITION, f"{what} can be given by its place, with all before it")
        else:
            yield Change(Impact.BREAKING, f"{what} can no longer be given by its place")
    common = [param.name for param in old.positional if param.name in news]
    order = [param.name for param in new.positional if param.name in common]
    if common != order and len(common) == len(order):
        yield Change(Impact.BREAKING, f"parameters of {name} changed their order")


def _moved_by(param: Parameter, old: Form, new: Form) -> str | None:
    """Return the first parameter that a new one pushes to another place of a positional call."""
    if param.keyword_only:
        return None
    known = {before.name for before in old.positional}
    behind = new.positional[new.positional.index(param) + 1 :]
    return next((other.name for other in behind if other.name in known), None)


def _param(name: str, old: Parameter, new: Parameter) -> Iterator[Change]:
    what = f"{name}({new.name})"
    if old.type.annotation != new.type.annotation:
        was, now = old.type.annotation, new.type.annotation
        yield Change(Impact.BREAKING, f"type of {what} changed from {was} to {now}")
    was_default = old.default.text if old.default else None
    default = new.default.text if new.default else None
    if was_default is not None and default is None:
        yield Change(Impact.BREAKING, f"{what} has no default any more; it was {was_default}")
    elif was_default is None and default is not None:
        yield Change(Impact.ADDITION, f"{what} has a default now: {default}")
    elif was_default != default:
        text = f"default of {what} changed from {was_default} to {default}"
        yield Change(Impact.BREAKING, text)
    if new.keyword_only and not old.keyword_only:
        yield Change(Impact.BREAKING, f"{what} can only be given by name now")
    elif old.keyword_only and not new.keyword_only:
        yield Change(Impact.ADDITION, f"{what} can be given by position now")
    yield from _mark(what, old.entry, new.entry)
    yield from _text(f"the documentation of {what}", old.entry.doc, new.entry.doc)


def _words(name: str, old: Entry, new: Entry) -> Iterator[Change]:
    yield from _mark(name, old, new)
    yield from _text(f"the documentation of {name}", old.doc, new.doc)
    for exception in effective.contract(new):
        if exception in effective.contract(old):
            was, now = old.errors.get(exception, ""), new.errors.get(exception, "")
            yield from _text(f"when {name} raises {exception}", was, now)
    was_result, result = effective.result(old), effective.result(new)
    if was_result and result:
        yield from _text(f"what {name} returns", was_result.doc, result.doc)
    yield from _statements(name, old.statements, new.statements)


def _statements(name: str, old: Sequence[Statement], new: Sequence[Statement]) -> Iterator[Change]:
    olds = {statement.id: statement for statement in old}
    news = {statement.id: statement for statement in new}
    for key, statement in olds.items():
        if key not in news:
            yield Change(Impact.BREAKING, f"{name} no longer promises {key}")
        elif one_line(statement.says) != one_line(news[key].says):
            yield Change(Impact.WORDING, f"statement {key} of {name} is worded anew")
    for key in news:
        if key not in olds:
            yield Change(Impact.ADDITION, f"{name} promises {key}")


def _presence(
    what: str,
    old: Mapping[str, _T],
    new: Mapping[str, _T],
    added: Callable[[_T], tuple[Added, ...]],
) -> Iterator[Change]:
    for name in old:
        if name not in new:
            yield Change(Impact.BREAKING, f"{what}{name} is gone")
    for name, one in new.items():
        if name not in old:
            yield Change(Impact.ADDITION, f"{what}{name} is new", added(one))


def _none_added(_: object) -> tuple[Added, ...]:
    return ()


def _constant_added(constant: Constant) -> tuple[Added, ...]:
    text = f"{constant.name}: {constant.type.annotation} = {constant.value.text}"
    return (Added(text, since=one_line(constant.entry.since or "")),)


def _function_added(function: Function) -> tuple[Added, ...]:
    return tuple(_form_added(function, form) for form in function.forms_and_setter)


def _form_added(function: Function, form: Form) -> Added:
    owner = f"{function.owner}." if function.owner else ""
    text = owner + flat(shown_signature(function, form))
    since = one_line(form.entry.since or "")
    return Added(text, form.raises, form.entry.tags or (), is_call=True, since=since)


def _mark(what: str, old: Marked, new: Marked) -> Iterator[Change]:
    if old.mark != new.mark:
        was, now = (one.mark or "documented" for one in (old, new))
        yield Change(Impact.WORDING, f"{what} is marked: {now}; it was: {was}")


def _text(what: str, old: str, new: str) -> Iterator[Change]:
    if one_line(old) != one_line(new):
        yield Change(Impact.WORDING, f"{what} is worded anew")
