"""Specifications that tests read: those that tests write, and this project's own."""

from __future__ import annotations

from pathlib import Path

from nimnet_gen.model.load import load_spec
from nimnet_gen.model.surface import Spec
from nimnet_gen.project.folders import DataFiles, find_project
from nimnet_gen.source.diagnostics import Diagnostics

ROOT = Path(__file__).parents[2]


def data_in(folder: Path) -> DataFiles:
    """Return the data files of a specification that has them in its own folder."""

    def there(name: str) -> Path | None:
        path = folder / name
        return path if path.is_file() else None

    return DataFiles(
        types=there("known_types.yaml"),
        stage=there("stage.yaml"),
        facts=there("facts.yaml"),
        oracle=there("oracle.yaml"),
    )


def load_folder(folder: Path) -> tuple[Spec | None, Diagnostics]:
    """Read a specification, with the data files that are in its folder."""
    return load_spec(folder, data_in(folder))


def real_spec() -> Spec:
    """Return this project's own specification."""
    project = find_project(ROOT)
    spec, found = load_spec(project.spec, project.data, project.root)
    assert spec is not None, found.render()
    return spec
