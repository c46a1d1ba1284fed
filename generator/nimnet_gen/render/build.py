"""From a project's specification to its outputs, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from nimnet_gen.model.schema import schema_text
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan import resolve
from nimnet_gen.plan.pages import Page, pages
from nimnet_gen.project.folders import Project
from nimnet_gen.render.header import stamp
from nimnet_gen.render.output import Output
from nimnet_gen.render.pages import render, unused_templates


@dataclass(frozen=True)
class Build:
    """What a specification gives."""

    spec: Spec
    outputs: tuple[Output, ...]
    unused: tuple[str, ...]
    """Templates that nothing uses."""


def build(spec: Spec, project: Project) -> Build:
    """Return the outputs of a specification without faults."""
    api = resolve(spec)
    planned: list[Page] = list(pages(api))
    outputs = list(render(planned, api.name, project))
    schema = project.schema
    outputs.append(Output(schema, stamp(schema, schema_text(), "the generator's model")))
    return Build(spec, tuple(outputs), tuple(unused_templates(planned)))
