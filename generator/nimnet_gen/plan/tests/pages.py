"""The files of the generated tests."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.plan.api import Api
from nimnet_gen.plan.page import Page
from nimnet_gen.plan.tests.operations import needs_operations, operations_view
from nimnet_gen.plan.tests.scenarios import has_scenarios, scenarios_view
from nimnet_gen.plan.tests.symbols import package_tests_view, symbol_tests_view
from nimnet_gen.plan.tests.typing import accepted_view, has_calls, rejected_view


def tests_pages(api: Api) -> Iterator[Page]:
    """Yield the tests of symbols, of types and of scenarios."""
    yield Page("test_package_symbols.py", "", package_tests_view(api))
    if needs_operations(api):
        yield Page("operations.py", "", operations_view(api))
    for module in api.modules:
        name = module.name
        yield Page("test_{module}_symbols.py", name, symbol_tests_view(api, module))
        if has_calls(module):
            yield Page("typing_accepted_{module}.py", name, accepted_view(api, module))
            yield Page("typing_rejected_{module}.py", name, rejected_view(api, module))
        if has_scenarios(module):
            yield Page("test_{module}_scenarios.py", name, scenarios_view(api, module))
