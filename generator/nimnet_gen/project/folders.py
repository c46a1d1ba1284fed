"""Where a project's specification, runtime and outputs are."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

PACKAGE_FILE: Final = "package.yaml"
"""The file of a specification that names all others."""
SPEC: Final = Path("spec/net")
RUNTIME: Final = Path("runtime")
GENERATED: Final = "generated"


class ProjectNotFoundError(Exception):
    """There is no specification where one was looked for; the message says where."""


@dataclass(frozen=True)
class Project:
    """The folders of one project; all absolute."""

    root: Path
    spec: Path
    runtime: Path

    @property
    def source(self) -> str:
        """The specification's folder as headers and messages name it."""
        if self.spec.is_relative_to(self.root):
            return self.spec.relative_to(self.root).as_posix()
        return self.spec.name

    @property
    def schema(self) -> Path:
        """Where the JSON Schema goes, relative to the root: beside the specification's folder."""
        return Path(self.source).parent / "schema.json"


def find_project(root: Path | None, spec: Path, runtime: Path) -> Project:
    """Return the project.

    Args:
        root: The root, or None to look for it from the working directory upwards.
        spec: The specification's folder, relative to the root.
        runtime: The folder that holds the runtime package, relative to the root.

    Raises:
        ProjectNotFoundError: There is no `package.yaml`.
        OSError: A folder cannot be looked at.
    """
    if root is None:
        here = Path.cwd()
        candidates = [here, *here.parents]
        found = next((c for c in candidates if (c / spec / PACKAGE_FILE).is_file()), None)
        if found is None:
            raise ProjectNotFoundError(
                f"no {spec / PACKAGE_FILE} in {here} or a folder above it; "
                "run it inside the project, or say where that is with --root and --spec"
            )
        root = found
    root = root.resolve()
    if not (root / spec / PACKAGE_FILE).is_file():
        raise ProjectNotFoundError(
            f"no {PACKAGE_FILE} in {root / spec}; "
            "say where the specification is with --root and --spec"
        )
    return Project(root, (root / spec).resolve(), (root / runtime).resolve())
