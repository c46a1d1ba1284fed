"""The files of the reference."""

from __future__ import annotations

from collections.abc import Iterator

from nimnet_gen.naming.contracts import MODULE
from nimnet_gen.plan.api import Api
from nimnet_gen.plan.page import Page
from nimnet_gen.plan.reference.contracts import contracts_view, exceptions_view
from nimnet_gen.plan.reference.entries import index_view, reference_view


def reference_pages(api: Api) -> Iterator[Page]:
    """Yield the first page, the pages about contracts, and the page of each module."""
    yield Page("index.md", "", index_view(api))
    yield Page("exceptions.md", "", exceptions_view(api))
    yield Page(f"{MODULE}.md", "", contracts_view(api))
    for module in api.modules:
        yield Page("{module}.md", module.name, reference_view(api, module))
