"""A small project with the results of a run in which not everything went well."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from nimnet_gen.cli import main
from nimnet_gen.commands.specification import checked_spec
from nimnet_gen.model.surface import Spec
from nimnet_gen.project.folders import find_project

WIRE = Path(__file__).parent / "wire"

Command = Callable[..., int]


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    """The root of the project; `matrix.json` and `oracle.json` are the results."""
    return Path(shutil.copytree(WIRE, tmp_path / "wire"))


@pytest.fixture
def spec() -> Spec:
    """The specification of the project."""
    spec, found = checked_spec(find_project(WIRE))
    assert spec is not None, found.render()
    return spec


@pytest.fixture
def command(wire: Path) -> Command:
    """`nimnet-gen` in the project."""

    def run(*arguments: str | Path) -> int:
        return main(["--root", str(wire), *(str(argument) for argument in arguments)])

    return run
