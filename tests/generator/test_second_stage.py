"""A stage of something else entirely: a bulb on a bench, and somebody at the switch.

It has transports of its own, a variant of words, an object that lies where nobody is, and actions
with numbers. What holds for it holds because stages are data, not because one of them is known.
"""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nimnet_gen.cli import main
from nimnet_gen.model import stage as model
from nimnet_gen.model.coherence import check_coherence
from nimnet_gen.model.declaration import Located
from nimnet_gen.model.decode import decode
from nimnet_gen.source.diagnostics import Diagnostics
from nimnet_gen.source.nodes import parse_source
from nimnet_gen.testing.typed_calls import run_mypy

ROOT = Path(__file__).parents[2]
BENCH = Path(__file__).parent / "good" / "bench"
PAGE = (ROOT / "generator" / "STAGE.md").read_text(encoding="utf-8")
TESTS = 16
"""Bulbs of both kinds, where nobody is and on one supply or both; one of one kind, one alone."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, generated into a folder of its own, under this repository's configuration."""
    folder = tmp_path_factory.mktemp("bench")
    shutil.copytree(BENCH, folder, dirs_exist_ok=True)
    own = (BENCH / "pyproject.toml").read_text(encoding="utf-8")
    settings = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    settings = re.sub(r"\[tool\.nimnet-gen\]\n(?:.+\n)*", own, settings)
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    assert main(["--root", str(folder), "generate"]) == 0
    return folder


def run(project: Path, *command: str) -> str:
    """Run a tool in the project; it must succeed."""
    paths = [project / "runtime", project / "generated", project / "tests"]
    ran = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=project,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, paths))},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def test_nothing_is_left_to_format_or_to_lint(project: Path) -> None:
    run(project, "ruff", "format", "--check", "generated")
    run(project, "ruff", "check", "generated")


def test_its_scenarios_run_and_are_reported(
    project: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = tmp_path / "results.json"
    run(
        project,
        *("pytest", "-q", "-n", "0", "-p", "no:cacheprovider", "-c", os.devnull),
        *("--rootdir", str(project), "-p", "nimnet_gen.testing.plugin"),
        *("--conformance-json", str(results), "generated/conformance"),
    )
    assert main(["--root", str(project), "report", str(results)]) == 0
    assert f"{TESTS} passed, 0 failed, 0 skipped, 0 not run" in capsys.readouterr().out
    document = json.loads((project / "generated/reference/conformance.json").read_text())
    tests = {
        test["label"]: (test["transport"], test["variants"])
        for statement in document["statements"]
        for scenario in statement["scenarios"]
        for test in scenario["tests"]
    }
    assert tests == {
        "": (None, {}),
        "led": (None, {"bulb": "led"}),
        "halogen": (None, {"bulb": "halogen"}),
        "mains-led": ("mains", {"bulb": "led"}),
        "mains-halogen": ("mains", {"bulb": "halogen"}),
        "battery-led": ("battery", {"bulb": "led"}),
        "battery-halogen": ("battery", {"bulb": "halogen"}),
    }
    assert list(document["totals"]["transports"]) == ["none", "mains", "battery"]


def test_its_tests_are_typed(project: Path, tmp_path: Path) -> None:
    scenarios = project / "generated" / "conformance" / "test_light_scenarios.py"
    bench = project / "tests" / "bench"
    package = sorted((project / "generated" / "bulbs").glob("*.py"))
    lines = run_mypy(
        [scenarios, *bench.glob("*.py"), *package], project / "pyproject.toml", tmp_path
    )
    assert [line for line in lines if ": error:" in line] == []


def test_its_words_are_explained(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--root", str(project), "explain", "flickers"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "given lit the peer flickers 3 times, 2 ms each, settles, waits for end" in told
    assert main(["--root", str(project), "explain", "newBulb"]) == 0
    told = " ".join(capsys.readouterr().out.split())
    assert "given shelf only led: Only these have electronics." in told
    assert "only a bulb of its own: No bench has one without a kind." in told


def test_editors_know_its_words(project: Path) -> None:
    definitions = json.loads((project / "schema.json").read_text(encoding="utf-8"))["$defs"]
    scenario = definitions["Scenario"]["properties"]
    assert scenario["bulb"]["enum"] == ["led", "halogen"]
    assert scenario["given"]["enum"] == ["lit", "dark", "shelf", "nothing"]
    assert "names" not in scenario
    action = definitions["PeerAction"]
    assert action["properties"]["turn"]["enum"] == ["dimly", "brightly"]
    assert action["properties"]["flicker"]["type"] == "integer"
    assert action["dependentRequired"] == {"pause": ["flicker"]}


def test_the_page_on_stages_shows_one() -> None:
    written = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)[0]
    found = Diagnostics()
    root = parse_source(written.encode(), "stage.yaml", found)
    assert root is not None
    stage = decode(root, model.Stage, found)
    assert stage is not None, found.render()
    check_coherence(stage, found)
    assert not found, found.render()


def test_the_page_on_stages_has_every_key() -> None:
    keys = {
        field.name.rstrip("_")
        for cls in vars(model).values()
        if isinstance(cls, type) and issubclass(cls, Located) and cls is not Located
        for field in dataclasses.fields(cls)
    } - {"at", "keys"}
    words = set(re.findall(r"[a-z_]+", " ".join(re.findall(r"`[^`]+`|```.+?```", PAGE, re.DOTALL))))
    assert keys - words == set()
