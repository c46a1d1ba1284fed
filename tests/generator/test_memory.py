"""What `generate` remembers: it says so at once while nothing has changed, and never longer."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from harness.configuration import configure
from nimnet_gen.cli import main
from nimnet_gen.files.memory import FOLDER
from nimnet_gen.project.folders import Project

LIGHTS = Path(__file__).parent / "good" / "lights"


@pytest.fixture(name="root")
def _root(tmp_path: Path) -> Path:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    configure(tmp_path, spec="spec")
    assert main(["--root", str(tmp_path), "generate"]) == 0
    return tmp_path


@pytest.fixture(name="planned")
def _planned(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """What was planned: nothing, as long as this is empty."""
    from nimnet_gen.commands import specification

    planned: list[object] = []
    plan = specification.reported_build

    def counted(project: Project) -> object:
        planned.append(project)
        return plan(project)

    monkeypatch.setattr(specification, "reported_build", counted)
    return planned


def generate(root: Path, *options: str) -> int:
    return main(["--root", str(root), "generate", *options])


def test_nothing_to_do(
    root: Path, planned: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert generate(root) == generate(root, "--force") == 0
    assert not planned
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 2
    assert said[0] == said[1]
    shutil.rmtree(root / FOLDER)
    assert generate(root) == 0
    assert planned
    assert capsys.readouterr().out.splitlines() == said[:1]


def some_file(folder: Path, ending: str) -> Path:
    return min(folder.rglob(f"*{ending}"))


def append(path: Path) -> None:
    path.write_text(f"{path.read_text()}# more\n")


CHANGES: dict[str, Callable[[Path], object]] = {
    "the specification": lambda root: append(some_file(root / "spec", ".yaml")),
    "another file of it": lambda root: (root / "spec" / "more.txt").write_text("more"),
    "the runtime": lambda root: append(some_file(root / "runtime", ".py")),
    "the configuration": lambda root: append(root / "pyproject.toml"),
    "an output": lambda root: some_file(root / "generated", ".md").write_text("other\n"),
    "an output that is gone": lambda root: some_file(root / "generated", ".md").unlink(),
    "one more file": lambda root: (root / "generated" / "foreign.txt").write_text("mine\n"),
    "what is remembered": lambda root: some_file(root / FOLDER, ".json").write_text("[]"),
    "half of what is remembered": lambda root: some_file(root / FOLDER, ".json").write_text("{"),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_is_looked_at(what: str, root: Path, planned: list[object]) -> None:
    CHANGES[what](root)
    generate(root)
    assert planned


def test_a_file_that_is_not_generated_is_mentioned_every_time(
    root: Path, planned: list[object], capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "generated" / "foreign.txt").write_text("mine\n")
    capsys.readouterr()
    for times in (1, 2):
        assert generate(root) == 0
        assert len(planned) == times
    said = "".join(capsys.readouterr())
    assert said.count("foreign.txt") == 2


def test_a_folder_that_cannot_be_written_costs_time_alone(
    root: Path, planned: list[object]
) -> None:
    shutil.rmtree(root / FOLDER)
    (root / FOLDER).write_text("a file in its place")
    assert generate(root) == generate(root) == 0
    assert len(planned) == 2
