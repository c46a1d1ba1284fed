"""Causes: names that are wrong at one place, and for which everything that uses them looks wrong.

A misspelt definition makes hundreds of faults, and none of them stands where the mistake is. So
these are looked for first, and each is reported once: at the definition that nothing uses and that
was most probably meant, or else at the first place that uses what nothing defines. The other rooms
then look at the specification as if that were mended, and find what is wrong besides.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from difflib import get_close_matches
from typing import Final, TypeVar

from nimnet_gen.model.entries import entries_of
from nimnet_gen.model.evidence import Step
from nimnet_gen.model.surface import Amendment, Callable, Const, Module, Param, Result, Spec, Type
from nimnet_gen.naming.effective import BUILTIN_EXCEPTIONS
from nimnet_gen.naming.names import python_name, snake_case, symbol_name
from nimnet_gen.naming.nimtypes import Named, NimSyntaxError, parse_type, walk
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import LONGEST_NAME, Diagnostics, places_of
from nimnet_gen.source.position import Position

_WORD: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_OFTEN: Final = 2
"""How often one name may be misspelt in the same way."""

_Entry = TypeVar("_Entry", Type, Callable)
Uses = dict[str, list[Position]]
"""The places where names are used."""


def mended(spec: Spec, symbols: Symbols, found: Diagnostics) -> Spec:
    """Report the causes, and return the specification as it is most probably meant."""
    renamed = {**_misnamed_types(spec, symbols, found), **_misnamed_callables(spec, symbols, found)}
    spelt, missing = _unknown_uses(spec, symbols, renamed.values(), found)
    operations = _misnamed_operations(spec, found)
    if not (renamed or spelt or missing or operations):
        return spec
    spec = _with_missing(spec, missing)
    found.ignore(missing)
    return replace(
        spec,
        modules=tuple(
            _mended_module(module, renamed, spelt, operations) for module in spec.modules
        ),
    )


def _misnamed_types(spec: Spec, symbols: Symbols, found: Diagnostics) -> dict[Type | Callable, str]:
    """Report types that nothing uses, while something that is much like them is used everywhere."""
    uses = _uses(spec, found)
    unknown = {name: places for name, places in uses.items() if not _is_known(name, symbols)}
    unused = [
        defined
        for module in spec.modules
        for defined in module.types
        if defined.name not in uses and defined.omit is None and not _is_right(defined)
    ]
    raised = _raised(spec)
    used = [*BUILTIN_EXCEPTIONS, *(name for name in symbols.types if name in uses)]
    renamed: dict[Type | Callable, str] = {}
    for name, places in sorted(unknown.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        free = [
            defined
            for defined in unused
            if defined not in renamed and (defined.kind == "exception") == (name in raised)
        ]
        meant = _meant(name, free, len(places), used)
        if meant is None:
            continue
        renamed[meant] = name
        found.add(
            "SPEC060" if meant.kind == "exception" else "SPEC041",
            f"nothing uses this '{meant.name}', and nothing defines '{name}'",
            meant.where("name"),
            f"write `name: {name}`, which is used in {places_of(places)}",
            is_cause=True,
        )
    return renamed


def _is_right(defined: Type) -> bool:
    """Tell whether the statements of a type say that it has the name that it was to have."""
    return any(one.id.partition(".")[0] == defined.name for one in defined.statements)


def _meant(name: str, unused: list[Type], times: int, used: list[str]) -> Type | None:
    """Return the type that was most probably to be called so.

    Args:
        name: What nothing defines.
        unused: The types that nothing uses.
        times: How often the name is used: once, it is as likely to be misspelt there.
        used: The names that something uses, one of which may be nearer.
    """
    for defined in unused:
        begun = {statement.id.partition(".")[0] for statement in defined.statements}
        leaf = (defined.runtime or "").rpartition(".")[2]
        if name in begun or (defined.kind == "exception" and leaf == name):
            return defined
    if times == 1 or len(name) > LONGEST_NAME:
        return None
    near = get_close_matches(name, [*used, *(defined.name for defined in unused)], n=1)
    return next((defined for defined in unused if near and defined.name == near[0]), None)


def _misnamed_callables(
    spec: Spec, symbols: Symbols, found: Diagnostics
) -> dict[Type | Callable, str]:
    """Report callables whose statements are all about another name."""
    called = _called(spec)
    renamed: dict[Type | Callable, str] = {}
    for module in spec.modules:
        for entry in module.procs:
            begun = {statement.id.partition(".")[0] for statement in entry.statements}
            if len(begun) != 1 or symbol_name(entry) in begun or entry.python is not None:
                continue
            (other,) = begun
            # By Nim's name, as scenarios call it, or as its overloads have it.
            names = [name for name in called if snake_case(name) == other]
            names += [one.name for ones in symbols.python.get(other, ()) for one in ones]
            meant = next((name for name in names if name != entry.name), "")
            places = called.get(meant, [])
            is_unknown = bool(meant) and meant not in symbols.callables
            if not meant or not (is_unknown or len(entry.statements) > 1):
                continue
            renamed[entry] = meant
            used = f"; it is called in {places_of(places)}" if places else ""
            found.add(
                "SPEC080",
                f"the statements of '{entry.name}' are all about '{other}'",
                entry.where("name"),
                f"write `name: {meant}`, or begin their ids with '{python_name(entry)}'{used}",
                is_cause=True,
            )
    return renamed


def _unknown_uses(
    spec: Spec, symbols: Symbols, meant: Iterable[str], found: Diagnostics
) -> tuple[dict[str, str], dict[str, list[Position]]]:
    """Report uses of what nothing defines, once for each name.

    Returns:
        What those were to be that look misspelt, and the places of those that are used so often
        that their definition must be missing.
    """
    known = {*symbols.types, *symbols.mappings.names, *BUILTIN_EXCEPTIONS, *meant}
    exceptions = {name for name, one in symbols.types.items() if one.kind == "exception"}
    raised = _raised(spec)
    spelt: dict[str, str] = {}
    missing: dict[str, list[Position]] = {}
    for name, places in _uses(spec, found).items():
        if name in known:
            continue
        is_raised = name in raised
        of = {*BUILTIN_EXCEPTIONS, *exceptions} if is_raised else known - BUILTIN_EXCEPTIONS
        hint = found.did_you_mean(name, of)
        code = "SPEC060" if name in raised else "SPEC041"
        if len(places) > _OFTEN:
            missing[name] = places
            used = f"It is used in {places_of(places)}."
            message = f"nothing defines '{name}'"
            found.add(code, message, min(places), f"{hint} {used}".strip(), is_cause=True)
        elif hint:
            spelt[name] = hint.split("'")[1]
            message = f"'{name}' is no exception" if name in raised else f"unknown type '{name}'"
            for at in places:
                found.add(code, message, at, hint, folds=True)
    return spelt, missing


def _with_missing(spec: Spec, missing: Mapping[str, list[Position]]) -> Spec:
    """Return a specification in which something stands for every definition that is missing."""
    raised = _raised(spec)
    for name, places in missing.items():
        homes = {
            module.name: sum(bool(p.params) and p.params[0].type == name for p in module.procs)
            for module in spec.modules
        }
        home = max(homes, key=lambda module: homes[module])
        stub = Type(at=min(places), keys={}, name=name, kind="distinct", base="int", doc="Missing.")
        if name in raised:
            stub = replace(stub, kind="exception", base="Exception")
        elif homes[home]:
            stub = replace(stub, kind="object", base=None, runtime=f"missing.{name}")
        else:
            home = spec.modules[0].name
        modules = tuple(
            replace(module, types=(*module.types, stub)) if module.name == home else module
            for module in spec.modules
        )
        spec = replace(spec, modules=modules)
    return spec


def _misnamed_operations(spec: Spec, found: Diagnostics) -> dict[str, str]:
    """Report operations that nothing runs, while one that is not there is run."""
    used: Uses = {}
    for step in _steps(spec):
        if step.do is not None:
            used.setdefault(step.do, []).append(step.where("do"))
    defined = {one.name: one for module in spec.modules for one in module.operations}
    unused = [name for name in defined if name not in used]
    renamed: dict[str, str] = {}
    for name, places in used.items():
        if name in defined:
            continue
        near = get_close_matches(name, unused, n=1) if len(name) <= LONGEST_NAME else []
        if near and near[0] not in renamed:
            renamed[near[0]] = name
            found.add(
                "SPEC083",
                f"nothing runs this '{near[0]}', and there is no operation '{name}'",
                defined[near[0]].where("name"),
                f"write `name: {name}`, which is run in {places_of(places)}",
                is_cause=True,
            )
    return renamed


def _is_known(name: str, symbols: Symbols) -> bool:
    known = name in symbols.types or name in symbols.mappings.names
    return known or name in BUILTIN_EXCEPTIONS


def _uses(spec: Spec, found: Diagnostics) -> Uses:
    """Return the places that name each type or exception in the surface."""
    uses: Uses = {}
    for name, at, offset in _named_types(spec):
        uses.setdefault(name, []).append(found.within(at, offset))
    for name, places in _raised(spec).items():
        uses.setdefault(name, []).extend(places)
    return uses


def _raised(spec: Spec) -> Uses:
    uses: Uses = {}
    for module in spec.modules:
        for entry in module.procs:
            owners: tuple[Callable | Amendment, ...] = (entry, *entry.amend)
            for owner in owners:
                for index, name in enumerate(owner.raises or ()):
                    uses.setdefault(name, []).append(owner.where(f"raises.{index}"))
    return uses


def _named_types(spec: Spec) -> Iterator[tuple[str, Position, int]]:
    """Yield every name in a type's text, where that stands, and the name's place in it."""
    for module in spec.modules:
        owners: list[tuple[str | None, Position]] = []
        for defined in module.types:
            owners += [(part.type, part.where("type")) for part in defined.fields if part.public]
            owners += _of(defined.params, (defined.returns,))
        owners += [(const.type, const.where("type")) for const in module.consts]
        for entry in module.procs:
            amended = [one.param for one in entry.amend if one.param is not None]
            results = (entry.returns, *(one.returns for one in entry.amend))
            owners += _of((*entry.params, *amended), results)
        for text, at in owners:
            if text is None or text.startswith("py:"):
                continue
            with suppress(NimSyntaxError):
                named = (part.name for part in walk(parse_type(text)) if isinstance(part, Named))
                for name in dict.fromkeys(named):
                    yield name, at, text.find(name)


def _of(
    params: Iterable[Param], results: Iterable[Result | None]
) -> list[tuple[str | None, Position]]:
    stated: list[tuple[str | None, Position]] = [
        (param.type, param.where("type")) for param in params
    ]
    return stated + [
        (result.type, result.where("type")) for result in results if result is not None
    ]


def _steps(spec: Spec) -> Iterator[Step]:
    for module in spec.modules:
        for entry in (module, *entries_of(module)):
            for statement in entry.statements:
                for scenario in statement.scenarios:
                    yield from scenario.steps


def _called(spec: Spec) -> Uses:
    """Return the places that call each name in scenarios and operations."""
    uses: Uses = {}
    for step in _steps(spec):
        if step.call is not None:
            uses.setdefault(step.call.partition("/")[0], []).append(step.where("call"))
    for module in spec.modules:
        for operation in module.operations:
            for form in operation.forms:
                name = form.call.partition("/")[0]
                uses.setdefault(name, []).append(form.where("call"))
    return uses


def _mended_module(
    module: Module,
    renamed: Mapping[Type | Callable, str],
    spelt: Mapping[str, str],
    operations: Mapping[str, str],
) -> Module:
    def spell(text: str | None) -> str | None:
        if text is None or text.startswith("py:"):
            return text
        return _WORD.sub(lambda word: spelt.get(word[0], word[0]), text)

    def name(entry: _Entry) -> str:
        return renamed.get(entry, entry.name)

    def result(stated: Result | None) -> Result | None:
        return stated and replace(stated, type=spell(stated.type) or "")

    def params(stated: tuple[Param, ...]) -> tuple[Param, ...]:
        return tuple(replace(param, type=spell(param.type)) for param in stated)

    def raises(stated: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return stated and tuple(spelt.get(one, one) for one in stated)

    def amended(stated: Amendment) -> Amendment:
        param = stated.param and params((stated.param,))[0]
        return replace(
            stated, raises=raises(stated.raises), returns=result(stated.returns), param=param
        )

    def constant(stated: Const) -> Const:
        return replace(stated, type=spell(stated.type))

    return replace(
        module,
        types=tuple(
            replace(
                defined,
                name=name(defined),
                params=params(defined.params),
                returns=result(defined.returns),
                fields=tuple(
                    replace(part, type=spell(part.type) or "") if part.public else part
                    for part in defined.fields
                ),
            )
            for defined in module.types
        ),
        consts=tuple(map(constant, module.consts)),
        procs=tuple(
            replace(
                entry,
                name=name(entry),
                params=params(entry.params),
                returns=result(entry.returns),
                raises=raises(entry.raises),
                errors={spelt.get(one, one): text for one, text in entry.errors.items()},
                amend=tuple(map(amended, entry.amend)),
            )
            for entry in module.procs
        ),
        operations=tuple(
            replace(one, name=operations.get(one.name, one.name)) for one in module.operations
        ),
    )
