"""What Nim does in one scenario: the answers of all its tests, as one verdict."""

from __future__ import annotations

from collections.abc import Sequence

from nimnet_gen.model.evidence import Scenario
from nimnet_gen.plan.layout import one_line
from nimnet_gen.report.document import Asked, Difference, Nim
from nimnet_gen.report.results import NimResult


def verdict(scenario: Scenario, answers: Sequence[NimResult], asked: Asked) -> Nim:
    """Return the verdict on a scenario.

    Args:
        scenario: The scenario, which says where Nim is known to behave otherwise.
        answers: What Nim did in its tests; empty where it was not asked.
        asked: Whether Nim was asked at all, and if not, why.
    """
    heard = [a for a in answers if a.outcome != "skipped" or a.verdict == "inexpressible"]
    if not heard:
        return _unheard(scenario, answers, asked)
    differences = _differences(heard)
    if any(answer.outcome == "failed" for answer in heard):
        return Nim(verdict="unexpected", reason="", differences=differences)
    if differences:
        return Nim(verdict="departs", reason="", differences=differences)
    if all(answer.verdict == "inexpressible" for answer in heard):
        return Nim(verdict="inexpressible", reason=_reasons(heard), differences=[])
    return Nim(verdict="agrees", reason="", differences=[])


def _unheard(scenario: Scenario, answers: Sequence[NimResult], asked: Asked) -> Nim:
    """Return what is known without an answer: what the specification says."""
    reason = _reasons(answers) or asked["reason"] or "The oracle has no test of it."
    declared = [
        Difference(
            observed=one_line(known.observed), why=one_line(known.why), expected=True, cells=[]
        )
        for known in scenario.nim
    ]
    return Nim(verdict="declared" if declared else "not asked", reason=reason, differences=declared)


def _reasons(answers: Sequence[NimResult]) -> str:
    return " ".join(dict.fromkeys(one_line(answer.why) for answer in answers if answer.why))


def _differences(heard: Sequence[NimResult]) -> list[Difference]:
    """Return each kind of difference once, with the tests that show it; [] for all of them."""
    cells: dict[tuple[str, str, bool], list[str]] = {}
    for answer in heard:
        expected = answer.outcome != "failed"
        if answer.verdict != "departs" and expected:
            continue
        observed = answer.observed if answer.verdict == "departs" else ""
        key = (one_line(observed), one_line(answer.why), expected)
        cells.setdefault(key, []).append(answer.ran.label)
    return [
        Difference(
            observed=observed,
            why=why,
            expected=expected,
            cells=[] if len(labels) == len(heard) else labels,
        )
        for (observed, why, expected), labels in cells.items()
    ]
