"""Whether a run was a success.

A skipped test is neither passed nor failed: it needs what the machine lacks, an address family or a
program, and the report shows its reason. So it takes nothing from a success, but it makes none.
"""

from __future__ import annotations

from nimnet_gen.report.document import Document, Scenario


def succeeded(document: Document) -> bool:
    """Tell whether all is well: tests passed, none failed or is missing, and Nim did as expected.

    Where Nim was asked at all, it has to be asked about every scenario that it can express.
    """
    totals = document["totals"]
    tests = totals["tests"]
    if not tests["passed"] or tests["failed"] or tests["not_run"]:
        return False
    return not totals["nim"].get("unexpected") and not any(
        is_unasked(document, scenario)
        for statement in document["statements"]
        for scenario in statement["scenarios"]
    )


def is_unasked(document: Document, scenario: Scenario) -> bool:
    """Tell whether a run that asked Nim left out a scenario, without the machine being the reason.

    What a machine lacks skips each test of a scenario, and then Nim cannot be asked there either.
    """
    return (
        document["nim"]["asked"]
        and scenario["nim"]["verdict"] in ("not asked", "declared")
        and any(test["outcome"] != "skipped" for test in scenario["tests"])
    )
