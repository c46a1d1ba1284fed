"""The generator's own distribution: what is in it, and that it works from an empty environment."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
import time
import zipfile
from pathlib import Path

import pytest
from harness.installation import Installed, built
from harness.installation import installed as installed_from
from harness.programs import find, run, unavailable

ROOT = Path(__file__).parents[2]
GENERATOR = ROOT / "generator"
LIGHTS = Path(__file__).parent / "good" / "lights"


@pytest.fixture(scope="module", name="installed")
def _installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    return installed_from(built("wheel", GENERATOR, folder / "dist"), folder, "testing")


def test_the_wheel_holds_the_generator_and_nothing_else(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as archive:
        names = archive.namelist()
    roots = {name.partition("/")[0] for name in names}
    (information,) = (root for root in roots if root.endswith(".dist-info"))
    assert roots == {"nimnet_gen", information}
    expected = {
        path.relative_to(GENERATOR).as_posix()
        for path in (GENERATOR / "nimnet_gen").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert {name for name in names if name.startswith("nimnet_gen/")} == expected
    assert "nimnet_gen/py.typed" in expected
    assert f"{information}/licenses/LICENSE" in names


def test_the_source_distribution_holds_what_is_committed(tmp_path: Path) -> None:
    if not (ROOT / ".git").exists():
        unavailable("this is no work tree of git")
    tracked = run([find("git"), "ls-files", "-z"], cwd=GENERATOR).decode().split("\0")[:-1]
    with tarfile.open(built("sdist", GENERATOR, tmp_path)) as archive:
        held = {name.partition("/")[2] for name in archive.getnames()}
    assert held == {*tracked, "PKG-INFO", ".gitignore"}


def test_both_distributions_have_one_licence() -> None:
    assert (GENERATOR / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_a_project_is_generated_with_the_wheel_alone(installed: Installed, tmp_path: Path) -> None:
    project = shutil.copytree(LIGHTS, tmp_path / "lights")
    command = ["-m", "nimnet_gen", "--root", str(project)]
    assert "wrote generated/lamps/fittings.py" in installed.python(*command, "generate")
    assert installed.python(*command, "check").endswith(" files are up to date\n")
    assert "None None" in installed.python(
        "-c", "import importlib.util as u; print(*map(u.find_spec, ['nimnet', 'nimnet_runtime']))"
    )


def test_a_new_project_passes_its_tests_at_once(installed: Installed, tmp_path: Path) -> None:
    began = time.monotonic()
    environment = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}

    def module(*command: str, folder: Path) -> str:
        done = subprocess.run(
            [installed.program("python"), "-I", "-m", *command],
            cwd=folder,
            env=environment | {"HOME": str(tmp_path)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "my_durations is ready" in module("nimnet_gen", "init", "my-durations", folder=tmp_path)
    project = tmp_path / "my-durations"
    assert "5 scenarios" in module("nimnet_gen", "lint", folder=project)
    assert " files are up to date" in module("nimnet_gen", "generate", folder=project)
    assert " files are up to date" in module("nimnet_gen", "check", folder=project)
    assert "no issues found" in module("mypy", "--strict", folder=project)
    said = module("pytest", "-q", "-p", "no:cacheprovider", folder=project)
    assert " passed" in said
    assert not {"failed", "skipped", "error", "warning"} & set(said.split())
    one = module("pytest", "-q", "--statement", "parse_duration.refuses", folder=project)
    assert "2 passed" in one
    print(f"a new project was made, checked and tested in {time.monotonic() - began:.1f} s")
