"""Verdicts on Nim: worded as the oracle words what it sees, and about tests that there are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from nimnet_gen.model.evidence import NimVerdict, Scenario
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.stage.matrix import Cell

_VALUE: Final = (
    r'(?:"(?:[^"\\]|\\.)*"|-?[0-9]+(?:\.[0-9]+)?|[A-Za-z_][A-Za-z0-9_]*|an? (?:object|pointer|proc)'
    r"|\(.*\)|\[.*\]|\{.*\})"
)
_NAME: Final = r"[A-Za-z_][A-Za-z0-9_]*"
_FAILS: Final = rf"raises {_NAME}|crashes(?: {_NAME})?"
_OBSERVED: Final = re.compile(
    rf"the peer fails|step 0 (?:{_FAILS}|waits)"
    rf"|step (?P<step>[1-9][0-9]{{0,3}}) (?:returns {_VALUE}|{_FAILS}|waits"
    rf"|leaves {_NAME} = {_VALUE}|takes longer|takes less"
    rf"|has errno (?:E[A-Z0-9]+|-?[0-9]+)|then \S+ (?:= {_VALUE}|{_FAILS}))"
)
_WORDED: Final = (
    'write it as the oracle does: step 2 returns "0123" | raises OSError | waits | crashes | '
    'leaves data = "..." | takes longer | takes less | has errno ECONNRESET | then closed = false'
)


def check_verdicts(scenario: Scenario, cells: tuple[Cell, ...], found: Diagnostics) -> None:
    """Check what is said of Nim against the scenario and its tests."""
    if not scenario.nim:
        return
    known: dict[str, set[str]] = {
        "transports": {cell.transport for cell in cells if cell.transport is not None},
        "forms": {form.call for cell in cells for form in cell.forms},
    }
    for verdict in scenario.nim:
        worded = _OBSERVED.fullmatch(verdict.observed)
        at = verdict.where("observed")
        if worded is None:
            found.add("SPEC107", "this is not what the oracle prints", at, _WORDED)
        elif int(worded["step"] or 0) > len(scenario.steps):
            count = len(scenario.steps)
            steps = "step" if count == 1 else "steps"
            found.add("SPEC107", f"the scenario has {count} {steps}", at, "count them from 1")
        _check_tests(verdict, cells, known, found)
    for cell in cells:
        about = [verdict for verdict in scenario.nim if _is_about(verdict, cell)]
        if len(about) > 1 and not all(verdict.sometimes for verdict in about):
            found.add(
                "SPEC107",
                f"two verdicts on one test, {cell.label or 'the only one'}",
                about[1].where("observed"),
                "limit them, or say that each is true `sometimes`",
            )
            break


def _check_tests(
    verdict: NimVerdict,
    cells: tuple[Cell, ...],
    known: Mapping[str, set[str]],
    found: Diagnostics,
) -> None:
    """Check that a verdict is about some of the scenario's tests; `known` has what those are on."""
    faults = len(found)
    for key, named in (("transports", verdict.transports), ("forms", verdict.forms)):
        if named == ():
            found.add("SPEC107", f"a verdict for no {key}", verdict.where(key), "leave it out")
        for index, name in enumerate(named or ()):
            if name not in known[key]:
                listed = ", ".join(sorted(known[key])) or "none"
                found.add(
                    "SPEC107",
                    f"the scenario has no test of '{name}'",
                    verdict.where(f"{key}.{index}"),
                    found.did_you_mean(name, known[key], f"its {key}: {listed}"),
                )
    limits = ("transports", *verdict.variants, "forms")
    if len(found) == faults and not any(_is_about(verdict, cell) for cell in cells):
        key = next(iter(verdict.variants), "observed")
        found.add(
            "SPEC107",
            "the scenario has no test that this verdict is about",
            verdict.where(key),
            f"widen its {', '.join(f'`{key}`' for key in limits[:-1])} and `{limits[-1]}`",
        )


def _is_about(verdict: NimVerdict, cell: Cell) -> bool:
    kinds = {kind.variant: kind.value for kind in cell.kinds}
    return (
        (verdict.transports is None or cell.transport in verdict.transports)
        and all(kinds.get(name) == value for name, value in verdict.variants.items())
        and (verdict.forms is None or any(form.call in verdict.forms for form in cell.forms))
    )
