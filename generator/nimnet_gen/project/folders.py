"""Where a project's specification, runtime and outputs are, found from the working directory."""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path, PurePosixPath
from typing import Final

from nimnet_gen.project.configuration import FILE, TABLE, Configuration, read_configuration

PACKAGE_FILE: Final = "package.yaml"
"""The file of a specification that names all others."""

EVIDENCE_FOLDER: Final = "evidence"
"""The folder of a specification that has the evidence of modules in files of its own."""


class ProjectNotFoundError(Exception):
    """There is no project where one was looked for; the message says where."""


@dataclass(frozen=True)
class DataFiles:
    """The files beside the specification that a project has; None for one that it does not."""

    stage: Path | None = None
    types: Path | None = None
    oracle: Path | None = None
    facts: Path | None = None


@dataclass(frozen=True)
class Project:
    """One project: its root, absolute, and what its configuration says."""

    root: Path
    configuration: Configuration

    @property
    def spec(self) -> Path:
        """The specification's folder."""
        return self.root / self.configuration.spec

    @property
    def runtime(self) -> Path:
        """The folder that holds the runtime package."""
        return self.root / self.configuration.runtime

    @property
    def output(self) -> PurePosixPath:
        """The folder that everything generated goes to, relative to the root."""
        return self.configuration.output

    @property
    def targets(self) -> tuple[str, ...]:
        """What is generated."""
        return self.configuration.targets

    @property
    def data(self) -> DataFiles:
        """The files beside the specification."""
        chosen = self.configuration
        return DataFiles(
            stage=self._file(chosen.stage),
            types=self._file(chosen.types),
            oracle=self._file(chosen.oracle),
            facts=self._file(chosen.facts),
        )

    @property
    def source(self) -> str:
        """The specification's folder as headers and messages name it."""
        return self.configuration.spec.as_posix()

    @property
    def schema(self) -> PurePosixPath:
        """Where the JSON Schema goes, relative to the root: beside the specification's folder."""
        return self.configuration.spec.parent / "schema.json"

    def _file(self, path: PurePosixPath | None) -> Path | None:
        return None if path is None else self.root / path


def find_project(root: Path | None) -> Project:
    """Return the project.

    Args:
        root: The root, or None to look for it from the working directory upwards.

    Raises:
        ProjectNotFoundError: There is no table, or not what it speaks of.
        ConfigurationError: The table is wrong.
        OSError: A folder cannot be looked at.
    """
    here = (root or Path.cwd()).resolve()
    project = project_around(here) if root is None else project_in(here)
    if project is None:
        above = "" if root is not None else " or a folder above it"
        raise ProjectNotFoundError(
            f"no {FILE} with a table [tool.{TABLE}] in {here}{above}; "
            "run it inside the project, say where that is with --root, or make one with `init`"
        )
    _require_parts(project)
    return project


def project_in(folder: Path) -> Project | None:
    """Return the project whose root a folder is, whether or not it has all of its parts."""
    configuration = read_configuration(folder)
    return None if configuration is None else Project(folder.resolve(), configuration)


def project_around(folder: Path) -> Project | None:
    """Return the project that a folder is in: that of the nearest table, from there upwards."""
    here = folder.resolve()
    return next(filter(None, map(project_in, (here, *here.parents))), None)


def _require_parts(project: Project) -> None:
    """Raise `ProjectNotFoundError` if something is not where the table says."""
    table = f"[tool.{TABLE}] of {project.root / FILE}"
    for key, path in (("spec", project.spec), ("runtime", project.runtime)):
        if not path.is_dir():
            raise ProjectNotFoundError(f"no folder {path}; say where it is: `{key}` in {table}")
    if not (project.spec / PACKAGE_FILE).is_file():
        raise ProjectNotFoundError(
            f"no {PACKAGE_FILE} in {project.spec}; "
            f"say where the specification is: `spec` in {table}"
        )
    data = project.data
    for field in fields(data):
        file = getattr(data, field.name)
        if file is not None and not file.is_file():
            raise ProjectNotFoundError(
                f"no file {file}; say where it is: `{field.name}` in {table}"
            )
