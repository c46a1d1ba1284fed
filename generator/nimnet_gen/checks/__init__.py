"""What a decoded specification must still satisfy; one room for each subject.

Every room reads the same tables and adds to the same collector, and none relies on another having
found nothing: a fault that belongs to another room is passed over in silence. Only what has a wrong
stage, or is beyond the limits, is not looked at any further.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Final

from nimnet_gen.checks.causes import mended
from nimnet_gen.checks.contracts import check_contracts
from nimnet_gen.checks.defaults import check_defaults
from nimnet_gen.checks.documentation import check_documentation
from nimnet_gen.checks.identifiers import check_names
from nimnet_gen.checks.limits import check_limits
from nimnet_gen.checks.mappings import check_mappings
from nimnet_gen.checks.marks import check_marks
from nimnet_gen.checks.mentions import check_mentions
from nimnet_gen.checks.often import check_often
from nimnet_gen.checks.oracle import check_oracle
from nimnet_gen.checks.overloads import check_overloads
from nimnet_gen.checks.places import check_places
from nimnet_gen.checks.runtime import check_runtime
from nimnet_gen.checks.runtime_enums import check_runtime_enums
from nimnet_gen.checks.scenarios import check_scenarios
from nimnet_gen.checks.special import check_special
from nimnet_gen.checks.stage import check_stage
from nimnet_gen.checks.statements import check_evidence, check_statements
from nimnet_gen.checks.texts import check_texts
from nimnet_gen.checks.types import check_types
from nimnet_gen.checks.variants import check_variants
from nimnet_gen.model.surface import Spec
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.runtime.index import RuntimeIndex
from nimnet_gen.source.diagnostics import Diagnostics, TooManyFaultsError

__all__ = ["check", "check_surface"]

_SURFACE: Final = (
    check_names,
    check_mappings,
    check_places,
    check_types,
    check_variants,
    check_defaults,
    check_contracts,
    check_overloads,
    check_special,
    check_often,
)
"""What decides whether there is an API at all."""


def check(spec: Spec, runtime: RuntimeIndex | None = None) -> Diagnostics:
    """Check a whole specification.

    Args:
        spec: what `load_spec` returned.
        runtime: the functions that generated code may call; None leaves them unchecked.
    """
    found = Diagnostics(spec.sources)
    with suppress(TooManyFaultsError):
        _check(spec, runtime, found)
    return found


def check_surface(spec: Spec) -> Diagnostics:
    """Check what decides the API alone: no texts, no statements, no runtime."""
    found = Diagnostics(spec.sources)
    with suppress(TooManyFaultsError):
        symbols = Symbols.of(spec)
        check_limits(spec, symbols, found)
        for room in () if found else _SURFACE:
            room(spec, symbols, found)
    return found


def _check(spec: Spec, runtime: RuntimeIndex | None, found: Diagnostics) -> None:
    symbols = Symbols.of(spec)
    as_meant = mended(spec, symbols, found)
    if as_meant is not spec:
        spec, symbols = as_meant, Symbols.of(as_meant)
    causes = len(found)
    for first in (check_stage, check_limits):
        first(spec, symbols, found)
        if len(found) > causes:
            return
    for room in (
        check_texts,
        *_SURFACE,
        check_marks,
        check_documentation,
        check_mentions,
        check_statements,
        check_oracle,
        check_scenarios,
        check_evidence,
    ):
        room(spec, symbols, found)
    if runtime is not None and not any(fault.is_cause for fault in found):
        check_runtime(spec, symbols, runtime, found)
        check_runtime_enums(spec, runtime, found)
