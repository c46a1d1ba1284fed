"""A project's specification, read and checked."""

from __future__ import annotations

import sys
from contextlib import suppress

from nimnet_gen.checks import check
from nimnet_gen.model.load import load_spec
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan import dispatch, resolve
from nimnet_gen.plan.api import Api
from nimnet_gen.project.folders import Project
from nimnet_gen.runtime.index import index_runtime
from nimnet_gen.source.diagnostics import Diagnostics, TooManyFaultsError


def checked_spec(project: Project) -> tuple[Spec | None, Diagnostics]:
    """Return the specification with every fault of it; None if it could not even be read."""
    spec, found = load_spec(project.spec, project.data, project.root)
    if spec is None or found:
        return None, found
    runtime = index_runtime(project.runtime / spec.package.runtime)
    found = check(spec, runtime)
    if not found:
        with suppress(TooManyFaultsError):
            _check_dispatch(resolve(spec), found)
    return spec, found


def reported_spec(project: Project) -> Spec | None:
    """Return the specification if it has no faults; report them otherwise."""
    spec, found = checked_spec(project)
    if not found:
        return spec
    count = len(found)
    print(found.render(), file=sys.stderr)
    more = "more than " if found.is_full else ""
    print(f"\n{more}{count} fault{'' if count == 1 else 's'} in {project.source}", file=sys.stderr)
    return None


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
