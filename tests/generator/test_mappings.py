"""The file of types: what it says reaches every stage, and nothing asks this machine instead."""

from __future__ import annotations

import ast
import shutil
import subprocess
from pathlib import Path

import nimnet_gen
import pytest
from harness.configuration import configure
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.cli import main
from nimnet_gen.naming.symbols import Symbols

HERE = Path(__file__).parent
BASE = HERE / "base"
LIGHTS = HERE / "good" / "lights"


def symbols_with(folder: Path, types: str) -> Symbols:
    shutil.copytree(BASE, folder)
    (folder / "known_types.yaml").write_text(types, encoding="utf-8")
    spec, found = load_folder(folder)
    assert spec is not None, found.render()
    found = check(spec)
    assert not len(found), found.render()
    return Symbols.of(spec)


def test_what_it_says_is_known(tmp_path: Path) -> None:
    symbols = symbols_with(
        tmp_path / "net",
        "types:\n"
        "  - {name: Raw, is: data}\n"
        "  - {name: Length, is: integer, range: [0, 255]}\n"
        "  - {name: Engine, is: class, python: a.b.Engine}\n"
        "data_fields: [key]\n"
        "system: [{module: errno, names: [EAGAIN]}, {module: socket, names: [AF_INET]}]\n",
    )
    assert {"Raw", "Length", "Engine", "int"} <= symbols.mappings.names
    assert symbols.mappings.integers["Length"] == (0, 255)
    assert symbols.mappings.classes == {"Engine": "a.b.Engine"}
    assert symbols.mappings.data_fields == {"key"}
    assert symbols.system == {"EAGAIN": "errno", "AF_INET": "socket"}


def test_a_project_without_it_has_nims_own_types(tmp_path: Path) -> None:
    symbols = symbols_with(tmp_path / "net", "types: []\n")
    assert not symbols.mappings.data | symbols.mappings.data_fields
    assert symbols.system == {}


def test_it_may_stand_among_the_modules(tmp_path: Path) -> None:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    configure(tmp_path, types="spec/known.yaml")
    (tmp_path / "spec" / "known.yaml").write_text("types: []\n", encoding="utf-8")
    assert main(["--root", str(tmp_path), "lint"]) == 0


def test_a_revision_is_read_with_the_file_that_it_had(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(LIGHTS, tmp_path, dirs_exist_ok=True)
    configure(tmp_path, types="known.yaml")
    known = tmp_path / "known.yaml"
    shades = tmp_path / "spec" / "shades.yaml"
    text = shades.read_text(encoding="utf-8")
    shades.write_text(
        text + "  - {name: glow, params: [{name: by, type: Glow}], raises: [], doc: G.}\n"
    )
    (tmp_path / "runtime" / "lamp_runtime" / "shades.py").write_text("def glow(by): ...\n")
    known.write_text("types: [{name: Glow, is: integer, range: [0, 9]}]\n", encoding="utf-8")
    git = ["git", "-C", str(tmp_path), "-c", "user.name=T", "-c", "user.email=t@example.org"]
    for command in (["init", "-q"], ["add", "spec", "known.yaml"], ["commit", "-qm", "A"]):
        subprocess.run([*git, *command], check=True)
    known.write_text("types: [{name: Glow, is: data}]\n", encoding="utf-8")
    assert main(["--root", str(tmp_path), "diff", "HEAD"]) == 0
    assert "int" in (told := capsys.readouterr().out)
    assert "bytes" in told


def test_no_stage_asks_this_machine_for_the_systems_numbers() -> None:
    asking = [
        path.name
        for path in Path(nimnet_gen.__file__).parent.rglob("*.py")
        if "testing" not in path.parts  # which runs with the tests, and not before
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import)
        and {alias.name for alias in node.names} & {"errno", "socket", "ssl"}
    ]
    assert asking == []
