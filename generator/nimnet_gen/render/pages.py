"""From planned files to files in memory.

The templates of a target are in a folder of its name, and each is called like its output, with
`.jinja` behind it: `package/{module}.py.jinja` gives a file for each module. One without a suffix
of its own (`_python.jinja`) is what other templates import. An undefined name is an error.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import jinja2

from nimnet_gen.plan.targets import PlannedFile
from nimnet_gen.project.folders import Project
from nimnet_gen.render.header import stamp
from nimnet_gen.render.output import Output

TEMPLATES: Final = Path(__file__).parents[1] / "templates"
SUFFIX: Final = ".jinja"


def render(files: Iterable[PlannedFile], project: Project) -> Iterator[Output]:
    """Yield each file as it must be.

    Args:
        files: What to render.
        project: The folders of the specification and of the outputs.
    """
    templates = environment()
    for file in files:
        text = templates.get_template(file.template + SUFFIX).render(page=file.view)
        path = project.output / file.path
        origin = f"{project.source}/{file.module}.yaml" if file.module else project.source
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
