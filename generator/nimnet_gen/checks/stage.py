"""The stage and the surface: the types and the call that the stage names are those of the API.

All that is said of scenarios rests on it, so nothing else is looked at before it is right.
"""

from __future__ import annotations

from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.source.diagnostics import Diagnostics


def check_stage(spec: Spec, symbols: Symbols, found: Diagnostics) -> None:
    """Check the types and the call of the specification that the stage names, each name once."""
    stage = spec.stage
    types = {*symbols.types, *symbols.mappings.names, "text", "data"} - {"string"}
    subjects = [given.subject for given in stage.givens if given.subject is not None]
    for name, at in {one.type: one.where("type") for one in reversed(subjects)}.items():
        if name not in symbols.types:
            hint = found.did_you_mean(name, symbols.types, "the specification has to define it")
            found.add("SPEC123", f"unknown type '{name}'", at, hint)
    for name, at in {one.type: one.where("type") for one in reversed(stage.names)}.items():
        if name not in types:
            hint = found.did_you_mean(name, types, "`text` and `data` are types, too")
            found.add("SPEC123", f"unknown type '{name}'", at, hint)
    if stage.failure is not None and not symbols.called(stage.failure):
        found.add(
            "SPEC123",
            f"unknown call '{stage.failure}'",
            stage.where("failure"),
            found.did_you_mean(stage.failure, symbols.callables),
        )
