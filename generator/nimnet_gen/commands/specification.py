"""A project's specification, read and checked."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from nimnet_gen.checks import check
from nimnet_gen.checks.statements import check_stated
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.load import load_spec
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan import dispatch, resolve
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.package.order import CircularDefinitionError, Hoisted, in_order
from nimnet_gen.project.folders import Project
from nimnet_gen.runtime.index import index_runtime
from nimnet_gen.source.diagnostics import Diagnostics, TooManyFaultsError

if TYPE_CHECKING:
    from nimnet_gen.render.build import Build


SHOWN: Final = 40
"""How many faults are shown at a time: what there is to mend at first."""


def checked_spec(project: Project) -> tuple[Spec | None, Diagnostics]:
    """Return the specification with every fault of it; None if it could not even be read."""
    spec, found = load_spec(project.spec, project.data, project.root)
    if spec is None or found:
        return None, found
    runtime = index_runtime(project.runtime / spec.package.runtime)
    found = check(spec, runtime)
    if not found:
        with suppress(TooManyFaultsError):
            api = resolve(spec)
            _check_dispatch(api, found)
            _check_order(api, found)
            # What is still to be written is of no use to somebody who looks for what is wrong.
            check_stated(spec, found)
    return spec, found


def reported_spec(project: Project) -> Spec | None:
    """Return the specification if it has no faults; report them otherwise."""
    spec, found = checked_spec(project)
    if not found:
        return spec
    _report(found, project.source)
    return None


def reported_build(project: Project) -> Build | None:
    """Return what a specification gives if it has no faults, nor its outputs; report them."""
    from nimnet_gen.render.build import build

    spec = reported_spec(project)
    if spec is None:
        return None
    made = build(spec, project)
    if not made.faults:
        return made
    _report(made.faults, "the outputs; nothing was written")
    return None


def _report(found: Diagnostics, where: str) -> None:
    count = len(found)
    print(found.render(SHOWN), file=sys.stderr)
    more = "more than " if found.is_full else ""
    print(f"\n{more}{count} fault{'' if count == 1 else 's'} in {where}", file=sys.stderr)


def _check_dispatch(api: Api, found: Diagnostics) -> None:
    """Report overloads for which generated code has no test that tells them apart."""
    parents = dispatch.parents(api)
    for module in api.modules:
        for function in module.callables:
            if len(function.forms) < 2:
                continue
            try:
                dispatch.decide(function.forms, parents)
            except dispatch.IndistinctFormsError:
                found.add(
                    "SPEC070",
                    f"a call cannot tell the overloads of '{function.qualified}' apart",
                    function.forms[-1].entry.at,
                    "they need a first argument of another type, or a required one of their own",
                )


def _check_order(api: Api, found: Diagnostics) -> None:
    """Report definitions of a module that need each other before they are there."""
    for module in api.modules:
        hoisted = Hoisted.of(module)
        try:
            in_order(module, hoisted)
        except CircularDefinitionError as error:
            texts = {name: default.text for name, default in hoisted.expressions.items()}
            places: dict[str, Located] = {
                symbol.name: symbol.entry for symbol in (*module.types, *module.constants)
            }
            places |= {function.name: function.entries[0] for function in module.functions}
            entry = places.get(error.name) or places.get(error.needed) or module.entry
            found.add(
                "SPEC054",
                f"'{texts.get(error.name, error.name)}' needs "
                f"'{texts.get(error.needed, error.needed)}', which needs it in its turn",
                entry.where("name"),
                "a default that calls something must not need the class whose method has it: "
                "give the parameter another default, or none",
            )
