"""The catalogue of deliberate faults fits the runtime and the specification as they are."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from faults.catalogue import CatalogueError, all_faults
from faults.fault import Fault, StaleFaultError

_ROOT = Path(__file__).resolve().parents[2]
_RUNTIME = _ROOT / "runtime" / "nimnet_runtime"
_LEAST = 40


@pytest.fixture
def package(tmp_path: Path) -> Path:
    copy = tmp_path / "package"
    shutil.copytree(_RUNTIME, copy, ignore=shutil.ignore_patterns("__pycache__"))
    return copy


def test_there_are_enough() -> None:
    assert len(all_faults()) >= _LEAST


@pytest.mark.parametrize("fault", all_faults(), ids=lambda fault: str(fault.name))
def test_fits_the_runtime(fault: Fault, package: Path) -> None:
    fault.apply(package)
    changed = (package / fault.file).read_text(encoding="utf-8")
    assert changed != (_RUNTIME / fault.file).read_text(encoding="utf-8")
    compile(changed, fault.file, "exec")


def test_is_about_statements_that_exist() -> None:
    ids = {
        found
        for path in (_ROOT / "spec" / "net").rglob("*.yaml")
        for found in re.findall(r"^\s*- id: (\S+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    named = {each for fault in all_faults() for each in fault.about}
    assert named <= ids, sorted(named - ids)


def test_a_fault_that_does_not_fit_is_stale(package: Path) -> None:
    fault = Fault("gone", "Nothing.", "errors.py", "these words stand nowhere", "", ("a.b",))
    with pytest.raises(StaleFaultError, match=r"0 times in errors\.py"):
        fault.apply(package)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- just words", "mapping"),
        ("- {name: a, wrong: b, file: c, old: d, new: e}", "has the keys"),
        ("- {name: a, wrong: b, file: c, old: '', new: e, about: [f.g]}", "old is not empty"),
        ("- {name: a, wrong: b, file: c, old: d, new: e, about: []}", "list of the ids"),
    ],
)
def test_a_wrong_entry_is_told(tmp_path: Path, text: str, told: str) -> None:
    (tmp_path / "some.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogueError, match=rf"some\.yaml, entry 1: .*{told}"):
        all_faults(tmp_path)


def test_a_name_is_taken_once(tmp_path: Path) -> None:
    entry = "- {name: a, wrong: b, file: c, old: d, new: e, about: [f.g]}\n"
    (tmp_path / "some.yaml").write_text(2 * entry, encoding="utf-8")
    with pytest.raises(CatalogueError, match="'a' already"):
        all_faults(tmp_path)


@pytest.mark.timeout(300)
def test_a_fault_is_caught() -> None:
    """The whole way once: `make mutants` does it with every fault."""
    entry = [sys.executable, "tests/faults/mutants.py", "max_length off by one"]
    done = subprocess.run(entry, cwd=_ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 faults, 1 caught" in done.stdout
