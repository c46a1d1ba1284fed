"""From pages to files in memory.

A template's path is its output's path: `templates/{package}/{module}.py.jinja` gives a file for
each module. One without a suffix of its own (`_python.jinja`) is what other templates import. An
undefined name is an error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import jinja2

from nimnet_gen.plan.pages import Page
from nimnet_gen.project.folders import Project
from nimnet_gen.render.header import stamp
from nimnet_gen.render.output import Output

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
SUFFIX: Final = ".jinja"


def render(pages: Iterable[Page], package: str, project: Project) -> Iterator[Output]:
    """Yield the file of each page.

    Args:
        pages: What to render.
        package: The generated package's name.
        project: The folders of the specification and of the outputs.
    """
    templates = environment()
    for page in pages:
        text = templates.get_template(page.template + SUFFIX).render(page=page.view)
        name = page.template.format(package=package, module=page.module)
        path = project.output / name
        origin = f"{project.source}/{page.module}.yaml" if page.module else project.source
        yield Output(path, stamp(path, text, origin))


def environment() -> jinja2.Environment:
    """Return what finds and reads templates."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # the outputs are Python and Markdown
        auto_reload=False,
        bytecode_cache=_bytecode_cache(),
    )


def _bytecode_cache() -> jinja2.BytecodeCache | None:
    """Return a cache for compiled templates, where and whenever Python would keep its own."""
    folder = TEMPLATES / "__pycache__"
    if sys.dont_write_bytecode:
        return None
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(folder)) if os.access(folder, os.W_OK) else None
