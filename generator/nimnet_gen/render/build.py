"""From a project's specification to its outputs, in memory."""

from __future__ import annotations

from dataclasses import dataclass

from nimnet_gen.model.schema import schema_text
from nimnet_gen.model.surface import Spec
from nimnet_gen.plan import resolve
from nimnet_gen.plan.targets import planned_files
from nimnet_gen.project.folders import Project
from nimnet_gen.render.header import stamp
from nimnet_gen.render.output import Output
from nimnet_gen.render.pages import render
from nimnet_gen.render.soundness import check_outputs
from nimnet_gen.source.diagnostics import Diagnostics


@dataclass(frozen=True)
class Build:
    """What a specification gives."""

    spec: Spec
    outputs: tuple[Output, ...]
    faults: Diagnostics
    """What is wrong with the outputs, of which then none may be written."""


def build(spec: Spec, project: Project) -> Build:
    """Return the outputs of a specification without faults."""
    api = resolve(spec)
    outputs = list(render(planned_files(api, project.targets), project))
    schema = project.schema
    text = schema_text(spec.stage)
    outputs.append(Output(schema, stamp(schema, text, "the generator's model")))
    faults = check_outputs(outputs, project.output, frozenset({schema}))
    return Build(spec, tuple(outputs), faults)
