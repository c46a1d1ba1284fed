"""Which files there are: for each, its template, what stands in its name, and its view."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from nimnet_gen.plan.api import Api
from nimnet_gen.plan.oracle.program import oracle_view
from nimnet_gen.plan.package.modules import module_view, package_view
from nimnet_gen.plan.reference import exceptions_view, index_view, reference_view
from nimnet_gen.plan.tests.operations import operations_view
from nimnet_gen.plan.tests.scenarios import has_scenarios, scenarios_view
from nimnet_gen.plan.tests.symbols import package_tests_view, symbol_tests_view
from nimnet_gen.plan.tests.typing import accepted_view, has_calls, rejected_view


@dataclass(frozen=True)
class Page:
    """One file to render."""

    template: str
    """The template's path without its suffix; `{package}` and `{module}` stand in it."""
    module: str
    """The module that replaces `{module}`; empty for the files of the whole package."""
    view: object


def pages(api: Api, targets: Collection[str]) -> Iterator[Page]:
    """Yield every file of the targets, which are some of `_TARGETS`."""
    for target, planned in _TARGETS.items():
        if target in targets:
            yield from planned(api)


def _package(api: Api) -> Iterator[Page]:
    yield Page("{package}/py.typed", "", None)
    yield Page("{package}/__init__.py", "", package_view(api))
    yield Page("{package}/_later.py", "", None)
    for module in api.modules:
        yield Page("{package}/{module}.py", module.name, module_view(api, module))


def _tests(api: Api) -> Iterator[Page]:
    yield Page("conformance/test_package_symbols.py", "", package_tests_view(api))
    if any(has_scenarios(module) for module in api.modules):
        yield Page("conformance/operations.py", "", operations_view(api))
    for module in api.modules:
        name = module.name
        yield Page("conformance/test_{module}_symbols.py", name, symbol_tests_view(api, module))
        if has_calls(module):
            accepted, rejected = accepted_view(api, module), rejected_view(api, module)
            yield Page("conformance/typing_accepted_{module}.py", name, accepted)
            yield Page("conformance/typing_rejected_{module}.py", name, rejected)
        if has_scenarios(module):
            view = scenarios_view(api, module)
            yield Page("conformance/test_{module}_scenarios.py", name, view)


def _oracle(api: Api) -> Iterator[Page]:
    oracle = oracle_view(api.spec)
    yield Page("oracle/oracle.nim", "", oracle)
    yield Page("oracle/scenarios.jsonl", "", oracle)
    for procs in oracle.modules:
        yield Page("oracle/{module}_scenarios.nim", procs.module, procs)


def _reference(api: Api) -> Iterator[Page]:
    yield Page("reference/index.md", "", index_view(api))
    yield Page("reference/exceptions.md", "", exceptions_view(api))
    for module in api.modules:
        yield Page("reference/{module}.md", module.name, reference_view(api, module))


_TARGETS: Final[Mapping[str, Callable[[Api], Iterator[Page]]]] = {
    "package": _package,
    "tests": _tests,
    "oracle": _oracle,
    "reference": _reference,
}
