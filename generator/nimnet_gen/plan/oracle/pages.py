"""The files of the oracle: the scenarios as a program in Nim, and what its runner must know."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.plan.api import Api
from nimnet_gen.plan.oracle.program import oracle_view
from nimnet_gen.plan.page import Page


def oracle_pages(api: Api) -> Iterator[Page]:
    """Yield the program, and the procs of each module's scenarios."""
    oracle = oracle_view(api)
    yield Page("oracle.nim", "", oracle)
    yield Page("scenarios.jsonl", "", oracle)
    for procs in oracle.modules:
        yield Page("{module}_scenarios.nim", procs.module, procs)
