"""The files of a new project, from the templates in `init/`, whose paths are theirs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from nimnet_gen.render.output import Output
from nimnet_gen.render.pages import SUFFIX, TEMPLATES, environment

_FOLDER: Final = "init"


@dataclass(frozen=True)
class Starter:
    """What the templates of a new project see.

    Attributes:
        package: The name of the generated package.
        distribution: That of the distribution, as package indexes write it.
    """

    package: str
    distribution: str


def starter(package: str) -> Iterator[Output]:
    """Yield the files of a new project that are not generated from its specification."""
    view = Starter(package, package.replace("_", "-"))
    templates = environment()
    for path in sorted((TEMPLATES / _FOLDER).rglob(f"*{SUFFIX}")):
        template = path.relative_to(TEMPLATES).as_posix()
        text = templates.get_template(template).render(page=view)
        name = template.removeprefix(f"{_FOLDER}/").removesuffix(SUFFIX)
        yield Output(PurePosixPath(name.format(package=package)), text.encode())
