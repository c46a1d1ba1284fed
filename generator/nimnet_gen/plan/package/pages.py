"""The files of the generated package."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.naming.contracts import MODULE
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.imports import LATER, OVERLOADS
from nimnet_gen.plan.package.effects import DATA, effects_view
from nimnet_gen.plan.package.guards import ARGUMENTS, arguments_view
from nimnet_gen.plan.package.modules import module_view, package_view
from nimnet_gen.plan.package.quick import QUICK, quick_view
from nimnet_gen.plan.page import Page


def package_pages(api: Api) -> Iterator[Page]:
    """Yield the package itself, and each of its modules."""
    yield Page("py.typed", "", None)
    yield Page("__init__.py", "", package_view(api))
    yield Page(f"{LATER}.py", "", None)
    yield Page(f"{OVERLOADS}.py", "", None)
    quick = quick_view(api)
    if quick is not None:
        yield Page(f"{QUICK}.py", "", quick)
    yield Page(f"{ARGUMENTS}.py", "", arguments_view(api))
    effects = effects_view(api)
    yield Page(DATA, "", effects)
    yield Page(f"{MODULE}.py", "", effects)
    for module in api.modules:
        yield Page("{module}.py", module.name, module_view(api, module))
