"""Every bad specification stands beside the exact diagnostics that it must give.

A folder of `bad/` holds the files that replace those of `base/`, or are added to them. To accept a
changed text, run with `NIMNET_ACCEPT=1` and read the difference.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from harness.specifications import load_folder
from nimnet_gen.checks import check
from nimnet_gen.checks.statements import check_evidence, check_stated
from nimnet_gen.naming.symbols import Symbols
from nimnet_gen.runtime.index import index_runtime
from nimnet_gen.source.diagnostics import CODES, Diagnostics

HERE = Path(__file__).parent
BASE = HERE / "base"
FIXTURES = sorted(path.name for path in (HERE / "bad").iterdir())
ELSEWHERE = {
    "SPEC001": "test_load.py removes the folder and a file's permissions",
    "SPEC003": "test_load.py writes the 10 MB file",
    "SPEC150": "test_last_look.py has outputs that no specification gives",
    "SPEC151": "test_last_look.py has them",
    "SPEC152": "test_last_look.py has them",
    "SPEC153": "test_last_look.py breaks the generator",
}
"""Codes whose fixture cannot be kept in a repository, and the test that has them."""


def diagnostics_of(folder: Path, runtime: Path | None) -> str:
    spec, found = load_folder(folder)
    if spec is not None:
        assert not len(found)
        found = check(spec, index_runtime(runtime) if runtime is not None else None)
        if not found:
            check_stated(spec, found)
    return found.render() + "\n"


def test_the_base_is_good(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "net"
    shutil.copytree(BASE, folder)
    assert diagnostics_of(folder, None) == "\n"


@pytest.mark.parametrize("name", FIXTURES)
def test_bad_spec(name: str, tmp_path: Path) -> None:
    fixture = HERE / "bad" / name
    folder = tmp_path / "spec" / "net"
    shutil.copytree(BASE, folder)
    for path in fixture.iterdir():
        if path.suffix in (".yaml", ".yml"):
            shutil.copy(path, folder)
    if (fixture / "evidence").is_dir():
        shutil.copytree(fixture / "evidence", folder / "evidence")
    runtime = fixture / "demo_runtime"
    found = diagnostics_of(folder, runtime if runtime.is_dir() else None)
    expected = fixture / "expected.txt"
    if os.environ.get("NIMNET_ACCEPT"):
        expected.write_text(found, encoding="utf-8")
    assert found == expected.read_text(encoding="utf-8")


def test_a_statement_needs_evidence(tmp_path: Path) -> None:
    folder = tmp_path / "spec" / "net"
    shutil.copytree(BASE, folder)
    (folder / "extra.yaml").write_text(
        "name: extra\n"
        "doc: A test.\n"
        "statements:\n"
        "  - {id: extra.bare, says: A.}\n"
        "  - {id: extra.told, says: B., untested: It cannot be checked.}\n"
        "  - {id: extra.shown, says: C., scenarios: [{steps: [{call: portOf}]}]}\n",
        encoding="utf-8",
    )
    spec, _ = load_folder(folder)
    assert spec is not None
    found = Diagnostics(spec.sources)
    check_evidence(spec, Symbols.of(spec), found)
    assert found.render() == (
        "spec/net/extra.yaml:4:10: SPEC088 nothing checks the statement 'extra.bare'\n"
        "    - {id: extra.bare, says: A.}\n"
        "           ^\n"
        "  hint: add `scenarios:`, or `untested:` with the reason why none can check it"
    )


def test_every_code_has_a_fixture() -> None:
    texts = (path.read_text(encoding="utf-8") for path in (HERE / "bad").glob("*/expected.txt"))
    shown = {code for text in texts for code in re.findall(r"^\S+:\d+:\d+: (SPEC\d+)", text, re.M)}
    assert shown | ELSEWHERE.keys() == CODES.keys()
    assert not shown & ELSEWHERE.keys()


def test_every_code_is_used_by_the_generator() -> None:
    import nimnet_gen

    sources = Path(nimnet_gen.__file__).parent.rglob("*.py")
    text = "".join(
        path.read_text(encoding="utf-8") for path in sources if path.name != "diagnostics.py"
    )
    assert set(re.findall(r'"(SPEC\d+)"', text)) == CODES.keys()
