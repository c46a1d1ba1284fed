"""What can be generated: targets, each with its plan, its templates and its place.

A project switches them on by name. Several can be packages: nothing else says that a specification
gives one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from nimnet_gen.plan.api import Api
from nimnet_gen.plan.oracle.pages import oracle_pages
from nimnet_gen.plan.package.pages import package_pages
from nimnet_gen.plan.page import Page
from nimnet_gen.plan.reference.pages import reference_pages
from nimnet_gen.plan.tests.pages import tests_pages


@dataclass(frozen=True)
class Target:
    """One kind of output.

    Attributes:
        name: how a project switches it on; its templates are in a folder of that name.
        folder: where its files go, below the project's folder of outputs; `{package}` is the
            package's name.
        pages: plans its files.
    """

    name: str
    folder: str
    pages: Callable[[Api], Iterable[Page]]


TARGETS: Final = (
    Target("package", "{package}", package_pages),
    Target("tests", "conformance", tests_pages),
    Target("oracle", "oracle", oracle_pages),
    Target("reference", "reference", reference_pages),
)
"""Every target, in the order in which they are planned."""


@dataclass(frozen=True)
class PlannedFile:
    """A file that is to be rendered: its template, its place below the outputs, and its view."""

    template: str
    path: PurePosixPath
    module: str
    view: object


def planned_files(
    api: Api, names: Iterable[str], known: Iterable[Target] = TARGETS
) -> Iterator[PlannedFile]:
    """Yield every file of the targets that are switched on.

    Args:
        api: What they are planned from.
        names: The targets' names.
        known: The targets that there are.
    """
    wanted = set(names)
    for target in known:
        if target.name in wanted:
            folder = PurePosixPath(target.folder.format(package=api.name))
            for page in target.pages(api):
                path = folder / page.file.format(module=page.module)
                template = f"{target.name}/{page.file}"
                yield PlannedFile(template, path, page.module, page.view)
